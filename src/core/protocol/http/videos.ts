import * as z from 'zod';

/** `POST /v1/videos` and its kin, as OpenAI's clients know them. */
export const jobStatuses = ['queued', 'in_progress', 'completed', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof jobStatuses)[number];

const seconds = (what: string) => z.int().describe(`When it ${what}, in seconds since 1970.`);

/** A video that is made as a job. */
export const VideoSchema = z
  .object({
    id: z.string(),
    object: z.literal('video'),
    model: z.string().describe('Name of the model that makes it.'),
    status: z.enum(jobStatuses),
    progress: z.int().min(0).max(100).describe('In percent.'),
    created_at: seconds('was asked for'),
    completed_at: seconds('ended').nullable(),
    expires_at: seconds('and its files go').nullable(),
    prompt: z.string().nullable(),
    size: z.string().describe('Width and height in pixels, such as `1280x720`.'),
    seconds: z.string().describe('Length of the whole video.'),
    fps: z.number(),
    num_frames: z.int().describe('Frames of the whole video.'),
    seed: z.int(),
    quality: z.literal('standard'),
    remixed_from_video_id: z.string().nullable(),
    extended_from_video_id: z.string().nullable().describe('(ours) The video that it goes on from.'),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'Video' });
export type Video = z.infer<typeof VideoSchema>;

export const VideoListSchema = z.object({
  object: z.literal('list'),
  data: z.array(VideoSchema),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
});
export type VideoList = z.infer<typeof VideoListSchema>;

export const VideoDeletedSchema = z.object({
  id: z.string(),
  object: z.literal('video.deleted'),
  deleted: z.literal(true),
});

export const ImagesSchema = z.object({
  id: z.string(),
  created: z.int(),
  output_format: z.string(),
  size: z.string(),
  data: z.array(
    z.object({ b64_json: z.string().optional(), url: z.string().optional(), revised_prompt: z.string() }),
  ),
});

export const ModelSchema = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.literal('fastvideo'),
});

export const ModelListSchema = z.object({ object: z.literal('list'), data: z.array(ModelSchema) });
