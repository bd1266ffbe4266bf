import type { AspectRatio, Resolution } from '../../../base/video-shapes.ts';
import type { Choices, CreationConfig, GenerationMode } from '../../../protocol/project/creation.ts';
import type { Creation } from '../../../sessions/project/project-state.ts';
import { InvalidOpening } from '../invalid-opening.ts';
import { framesOf, type ModelPictures, type Offer, type OfferSettings, offerOf, sizeOf } from './offer.ts';

/**
 * What a project is made with; undefined where the client chose nothing. Throws `InvalidOpening` for what is not offered.
 *
 * @param model - what it does with pictures, null while none is loaded
 */
export function chooseCreation(
  choices: Choices,
  settings: OfferSettings,
  model: ModelPictures | null,
): Creation | undefined {
  if (Object.values(choices).every((choice) => choice == null)) return undefined;
  const offer = offerOf(settings, model);
  const text = labels(choices);
  if (text.model_id !== undefined && text.model_id !== offer.modelId) {
    throw unavailable('model_id', 'model', text.model_id, [offer.modelId]);
  }
  const mode = modeOf(text.generation_mode, offer);
  const aspectRatio: AspectRatio = oneOf(
    'aspect_ratio',
    'aspect ratio',
    text.aspect_ratio,
    offer.aspectRatios,
  );
  const resolution: Resolution = oneOf('resolution', 'resolution', text.resolution, offer.resolutions);
  const seconds = segmentSeconds(choices, offer);
  const numFrames = framesOf(seconds, settings);
  const exact = numFrames / settings.defaultRequest.fps;
  const count = segmentCount(choices, offer, exact, settings.rolloutCap);
  const { width, height } = sizeOf(aspectRatio, resolution, settings);
  const config: CreationConfig = {
    model_id: offer.modelId,
    generation_mode: mode,
    aspect_ratio: aspectRatio,
    resolution,
    duration_sec: choices.duration_sec ?? (Number.isFinite(count) ? seconds * count : seconds),
    ...(Number.isFinite(count) ? { segment_count: count } : {}),
    segment_duration_sec: seconds,
    frame_width: width,
    frame_height: height,
    num_frames: numFrames,
    generation_segment_cap: Number.isFinite(count) ? count : 0,
  };
  return { choices, config };
}

function labels({ model_id, generation_mode, aspect_ratio, resolution }: Choices) {
  const given = (label: string | null | undefined) => label?.trim() || undefined;
  return {
    model_id: given(model_id),
    generation_mode: given(generation_mode),
    aspect_ratio: given(aspect_ratio),
    resolution: given(resolution),
  };
}

function modeOf(wanted: string | undefined, { modes, missingModes }: Offer): GenerationMode {
  const [first = 't2va'] = modes;
  if (wanted === undefined) return first;
  const mode = modes.find((one) => one === wanted);
  if (mode) return mode;
  const reason = new Map<string, string>(Object.entries(missingModes)).get(wanted);
  if (reason === undefined) throw unavailable('generation_mode', 'way to make a video', wanted, modes);
  throw refusal(reason, `generation_mode: ${reason} "${wanted}" cannot be had, only ${listed(modes)}.`);
}

function oneOf<Item extends string>(
  field: string,
  words: string,
  wanted: string | undefined,
  offered: readonly Item[],
): Item {
  const found = wanted === undefined ? offered[0] : offered.find((one) => one === wanted);
  if (found === undefined) throw unavailable(field, words, wanted ?? '', offered);
  return found;
}

function segmentSeconds(
  { segment_duration_sec: wanted }: Choices,
  { segmentSeconds: { usual, min, max } }: Offer,
) {
  if (wanted == null) return usual;
  if (Number.isInteger(wanted) && wanted >= min && wanted <= max) return wanted;
  const range = min === max ? `${min}` : `whole seconds from ${min} to ${max}`;
  throw refusal(
    `A part of the video can be ${range === `${min}` ? `${min} s` : range} long, not ${wanted}.`,
    `segment_duration_sec: must be ${range}, not ${wanted}.`,
  );
}

/** `Infinity` where there is no limit. */
function segmentCount(
  { segment_count: count, duration_sec: duration }: Choices,
  { segmentCounts, durations }: Offer,
  seconds: number,
  cap: number,
): number {
  if (count != null && duration != null) {
    throw refusal(
      'The length of the video is said twice.',
      'duration_sec: leave it out where segment_count is given.',
    );
  }
  if (count != null) {
    if (segmentCounts.includes(count)) return count;
    const most = segmentCounts.at(-1) ?? 1;
    throw refusal(
      `A video can have 1 to ${most} parts, not ${count}.`,
      `segment_count: must be a whole number from 1 to ${most}, not ${count}.`,
    );
  }
  if (duration == null) return cap;
  if (durations.includes(duration)) return Math.min(cap, Math.max(1, Math.round(duration / seconds)));
  throw unavailable('duration_sec', 'length in seconds', String(duration), durations.map(String));
}

function unavailable(
  field: string,
  words: string,
  wanted: string,
  offered: readonly string[],
): InvalidOpening {
  const short = wanted.slice(0, 80);
  return refusal(
    `This server does not offer the ${words} ${short}; choose ${listed(offered)}.`,
    `${field}: must be ${listed(offered)}, not "${short}".`,
  );
}

export function refusal(words: string, detail: string): InvalidOpening {
  return new InvalidOpening('invalid_init', words, { detail });
}

function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length > 1 ? `${items.slice(0, -1).join(', ')} or ${last}` : last;
}
