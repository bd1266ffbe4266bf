import * as z from 'zod';
import { aspectRatios, resolutions } from '../../base/video-shapes.ts';
import { boundedList } from '../bounded-list.ts';

/** What a video is made from, as the newer web app names it. */
export const generationModes = ['t2va', 'i2v', 'fl2va', 'ref2va'] as const;
export type GenerationMode = (typeof generationModes)[number];

export const assetRoles = ['first_frame', 'last_frame', 'reference'] as const;

const label = () => z.string().max(200).nullish();
const number = () => z.number().nullish();
const uploadId = z.string().max(200);

const ConditioningAssetSchema = z.object({
  asset_id: uploadId.describe('As `POST /uploads` answered it.'),
  role: z.enum(assetRoles),
});
export type ConditioningAsset = z.infer<typeof ConditioningAssetSchema>;

/** More than any model takes. */
const mostAssets = 12;

/** Of these two the native dialect has its own choice too. */
export const shapeFields = {
  aspect_ratio: label().describe('For example `16:9`; one of `GET /creation-capabilities`.'),
  resolution: label().describe('For example `720p`; one of `GET /creation-capabilities`.'),
};

/** Which video a project wants; without any of them it is the operator's. Stand in a checkpoint as they came. */
const choiceFields = {
  model_id: label().describe('Must be the one that `GET /creation-capabilities` names.'),
  generation_mode: label().describe('`t2va`, `i2v`, `fl2va` or `ref2va`.'),
  ...shapeFields,
  duration_sec: number().describe('Seconds of the whole video; one of `GET /creation-capabilities`.'),
  segment_count: number().describe('Segments of the whole video, in place of `duration_sec`.'),
  segment_duration_sec: number().describe('Whole seconds of a segment.'),
};

export const ChoicesSchema = z.object(choiceFields);
export type Choices = z.infer<typeof ChoicesSchema>;

/** What the choices need besides `initial_image`; a clip of `simple_generate` has no choices, and is refused with them. */
export const pictureFields = {
  // Checked like `initial_image`.
  last_frame_image: z.unknown().optional().describe('The picture that the first segment ends with.'),
  conditioning_assets: boundedList(z.array(ConditioningAssetSchema), mostAssets)
    .nullish()
    .describe('Uploaded pictures, in their order.'),
  reference_asset_ids: boundedList(z.array(uploadId), mostAssets)
    .nullish()
    .describe('Uploaded pictures, each a `reference`.'),
};

/** Of `session_init_v2`, `select_model` and `project_init_v1`. */
export const creationFields = { ...choiceFields, ...pictureFields };

/** What a project is made with, as the client is told. */
export const CreationConfigSchema = z.object({
  model_id: z.string(),
  generation_mode: z.enum(generationModes),
  aspect_ratio: z.enum(aspectRatios),
  resolution: z.enum(resolutions).describe('Nominal: the size is `frame_width` and `frame_height`.'),
  duration_sec: z.number(),
  segment_count: z.int().min(1).optional().describe('Left out where there is no limit.'),
  segment_duration_sec: z.number(),
  frame_width: z.int().min(1),
  frame_height: z.int().min(1),
  num_frames: z.int().min(1).describe('Of a segment.'),
  generation_segment_cap: z.int().min(0).describe('0 where there is none.'),
});
export type CreationConfig = z.infer<typeof CreationConfigSchema>;
