import { type AspectRatio, aspectRatios, type Resolution, resolutions } from '../../../base/video-shapes.ts';
import type { GenerationRequest } from '../../../generators/generator.ts';
import { type GenerationMode, generationModes } from '../../../protocol/project/creation.ts';
import type { Capabilities } from '../../../protocol/worker/capabilities.ts';
import type { PictureInput } from '../../../protocol/worker/picture-inputs.ts';
import type { CreationSettings } from '../stream-settings.ts';

/** What of a server's settings the offer follows from. */
export interface OfferSettings {
  readonly defaultRequest: Pick<GenerationRequest, 'width' | 'height' | 'fps' | 'numFrames'>;
  readonly rolloutCap: number;
  readonly creation: CreationSettings;
}

/** What clients may choose, each list with the operator's own first, or sorted where there is none. */
export interface Offer {
  readonly modelId: string;
  readonly modes: readonly GenerationMode[];
  /** Why the others are not there, in words for people. */
  readonly missingModes: Readonly<Partial<Record<GenerationMode, string>>>;
  readonly aspectRatios: readonly AspectRatio[];
  readonly resolutions: readonly Resolution[];
  /** Seconds of a segment. */
  readonly segmentSeconds: { readonly usual: number; readonly min: number; readonly max: number };
  /** Seconds of a whole video. */
  readonly durations: readonly number[];
  readonly segmentCounts: readonly number[];
  readonly references: { readonly most: number; readonly conditioning: 'first_frame' | 'reference' };
}

/** The web app offers these. */
const offeredDurations = [5, 10, 15];
const mostSegments = 6;
export const mostReferences = 9;

/** What of a model's capabilities decides from what a video can be made. */
export type ModelPictures = Pick<Capabilities, 'pictures' | 'needs_first_frame'>;

/** `model`: null while none is loaded. */
export function offerOf(settings: OfferSettings, model: ModelPictures | null): Offer {
  const { creation, defaultRequest, rolloutCap } = settings;
  const usual = Math.max(1, Math.round(defaultRequest.numFrames / defaultRequest.fps));
  const most = creation.maxSegmentSeconds;
  const missingModes = missing(model);
  const fitting = offeredDurations.filter(
    (seconds) => seconds <= (rolloutCap * defaultRequest.numFrames) / defaultRequest.fps,
  );
  const takesReferences = model?.pictures.includes('references') ?? false;
  return {
    modelId: creation.modelId,
    modes: generationModes.filter((mode) => missingModes[mode] === undefined),
    missingModes,
    aspectRatios: ownFirst(usualAspectRatio(defaultRequest), creation.aspectRatios),
    resolutions: ownFirst(usualResolution(defaultRequest), creation.resolutions),
    segmentSeconds: {
      usual,
      min: most === undefined ? usual : Math.min(1, usual),
      max: Math.max(usual, most ?? usual),
    },
    durations: fitting.length > 0 ? fitting : offeredDurations.slice(0, 1),
    segmentCounts: Array.from({ length: Math.min(mostSegments, rolloutCap) }, (_, index) => index + 1),
    references: {
      most: takesReferences ? mostReferences : 1,
      conditioning: takesReferences ? 'reference' : 'first_frame',
    },
  };
}

/** Pixels: those of the default request for its own shape, else even multiples near the nominal size. */
export function sizeOf(
  aspectRatio: AspectRatio,
  resolution: Resolution,
  { defaultRequest }: Pick<OfferSettings, 'defaultRequest'>,
): { readonly width: number; readonly height: number } {
  const { width, height } = defaultRequest;
  if (aspectRatio === usualAspectRatio(defaultRequest) && resolution === usualResolution(defaultRequest)) {
    return { width, height };
  }
  const short = rounded(shortSide(resolution));
  const [wide, high] = sides(aspectRatio);
  return wide >= high
    ? { width: rounded((short * wide) / high), height: short }
    : { width: short, height: rounded((short * high) / wide) };
}

/** Frames of a segment of so many seconds; models of the LTX family make one more than a multiple of eight. */
export function framesOf(
  seconds: number,
  settings: Pick<OfferSettings, 'defaultRequest' | 'creation'>,
): number {
  const { fps, numFrames } = settings.defaultRequest;
  if (seconds === Math.max(1, Math.round(numFrames / fps))) return numFrames;
  return numFrames % 8 === 1 ? Math.ceil((seconds * fps) / 8) * 8 + 1 : Math.round(seconds * fps);
}

function missing(model: ModelPictures | null): Offer['missingModes'] {
  const takes = (input: PictureInput) => model === null || model.pictures.includes(input);
  return {
    ...(model?.needs_first_frame ? { t2va: 'The model of this server makes videos from a picture.' } : {}),
    ...(takes('first_frame')
      ? {}
      : {
          i2v: 'The model of this server makes videos from text only.',
          ...(takes('references') ? {} : { ref2va: 'The model of this server makes videos from text only.' }),
        }),
    ...(takes('first_frame') && takes('last_frame')
      ? {}
      : { fl2va: 'The model of this server takes no last frame.' }),
  };
}

function ownFirst<Item>(own: Item, others: readonly Item[]): Item[] {
  return [own, ...others.filter((other) => other !== own)];
}

function usualAspectRatio({ width, height }: OfferSettings['defaultRequest']): AspectRatio {
  const distance = (ratio: AspectRatio) => {
    const [wide, high] = sides(ratio);
    return Math.abs(Math.log((width * high) / (height * wide)));
  };
  return nearest(aspectRatios, distance);
}

function usualResolution({ width, height }: OfferSettings['defaultRequest']): Resolution {
  const short = Math.min(width, height);
  return nearest(resolutions, (resolution) => Math.abs(Math.log(short / shortSide(resolution))));
}

function nearest<Item>(items: readonly [Item, ...Item[]], distance: (item: Item) => number): Item {
  return items.reduce((best, item) => (distance(item) < distance(best) ? item : best), items[0]);
}

function sides(ratio: AspectRatio): [number, number] {
  const [wide, high] = ratio.split(':').map(Number);
  return [wide ?? 1, high ?? 1];
}

function shortSide(resolution: Resolution): number {
  return resolution === '4k' ? 2160 : Number.parseInt(resolution, 10);
}

function rounded(pixels: number): number {
  return Math.max(1, Math.round(pixels / 32)) * 32;
}
