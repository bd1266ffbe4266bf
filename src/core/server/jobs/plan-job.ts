import { errorMessage } from '../../base/errors.ts';
import { checkLimits } from '../../generators/request-limits.ts';
import type { JobRequest } from '../../jobs/job.ts';
import type { Capabilities, RequestLimits } from '../../protocol/worker/capabilities.ts';
import type { StreamSettings } from '../session/stream-settings.ts';
import { invalid } from './openai-errors.ts';
import type { ExtendFields, ImageFields, VideoFields } from './video-fields.ts';

/** What jobs may ask for at most, and what they are made with where they do not ask. */
export interface JobSettings extends Pick<StreamSettings, 'defaultRequest' | 'maxPromptChars'> {
  readonly maxPixels: number;
  readonly maxFrames: number;
  readonly maxSteps: number;
}

type CommonFields = Pick<
  VideoFields,
  'prompt' | 'size' | 'seed' | 'negative_prompt' | 'num_inference_steps' | 'guidance_scale'
>;

/**
 * What a video is made with. Throws `RequestRefusal` for what the operator or the model does not allow.
 *
 * @param model - null while none is loaded
 */
export function planVideo(
  fields: VideoFields,
  settings: JobSettings,
  model: Capabilities | null,
): JobRequest {
  const limits = model?.limits ?? {};
  const fps = fields.fps ?? settings.defaultRequest.fps;
  return checked(
    { ...commonRequest(fields, settings, limits), fps, num_frames: framesFor(fields, fps, settings, limits) },
    settings,
    limits,
  );
}

export function planExtension(
  source: JobRequest,
  fields: ExtendFields,
  settings: JobSettings,
  model: Capabilities | null,
): JobRequest {
  const limits = model?.limits ?? {};
  const asked = fields.num_frames !== undefined || fields.seconds !== undefined;
  return checked(
    {
      ...source,
      prompt: fields.prompt,
      ...(fields.seed === undefined ? {} : { seed: fields.seed }),
      ...(asked ? { num_frames: framesFor(fields, source.fps, settings, limits) } : {}),
    },
    settings,
    limits,
  );
}

/** One for each picture, with seeds that follow each other. */
export function planImages(
  fields: ImageFields,
  settings: JobSettings,
  model: Capabilities | null,
): JobRequest[] {
  const limits = model?.limits ?? {};
  const { fps } = settings.defaultRequest;
  const first = checked(
    { ...commonRequest(fields, settings, limits), fps, num_frames: limits.min_frames ?? 1 },
    settings,
    limits,
  );
  return Array.from({ length: fields.n ?? 1 }, (_, index) => ({ ...first, seed: first.seed + index }));
}

/** Throws `RequestRefusal` for a prompt that is too long. */
export function checkPromptLength(
  name: string,
  text: string | undefined,
  { maxPromptChars }: JobSettings,
): void {
  if (text === undefined || text.length <= maxPromptChars) return;
  throw invalid(name, `${name} has ${text.length} characters, the limit is ${maxPromptChars}.`);
}

function commonRequest(fields: CommonFields, settings: JobSettings, limits: RequestLimits) {
  const { defaultRequest: usual } = settings;
  checkPromptLength('prompt', fields.prompt, settings);
  checkPromptLength('negative_prompt', fields.negative_prompt, settings);
  const negative = fields.negative_prompt ?? usual.negativePrompt;
  const { width, height } = fields.size ? wholeSize(fields.size, limits) : usual;
  return {
    prompt: fields.prompt,
    ...(negative === undefined ? {} : { negative_prompt: negative }),
    seed: fields.seed ?? usual.seed,
    width,
    height,
    num_inference_steps: fields.num_inference_steps ?? usual.numInferenceSteps,
    guidance_scale: fields.guidance_scale ?? usual.guidanceScale,
  };
}

/** Sizes that the model cannot make are rounded up; the answer tells the size. */
function wholeSize(
  size: { readonly width: number; readonly height: number },
  { size_multiple: multiple = 1 }: RequestLimits,
) {
  const even = multiple % 2 === 0 ? multiple : 2 * multiple;
  const up = (side: number) => Math.ceil(side / even) * even;
  return { width: up(size.width), height: up(size.height) };
}

/** A length in seconds becomes a number of frames that the model makes without waste. */
function framesFor(
  { num_frames, seconds }: Pick<VideoFields, 'num_frames' | 'seconds'>,
  fps: number,
  { defaultRequest: usual }: JobSettings,
  limits: RequestLimits,
): number {
  if (num_frames !== undefined) return num_frames;
  if (seconds === undefined) return usual.numFrames;
  // Models of the LTX family, which make one more than a multiple of eight, and whose limits are not known yet.
  const { frame_step: step = usual.numFrames % 8 === 1 ? 8 : 1, frame_rest: rest = step === 1 ? 0 : 1 } =
    limits;
  return Math.max(1, Math.max(0, Math.ceil((seconds * fps - rest) / step)) * step + rest);
}

function checked(request: JobRequest, settings: JobSettings, limits: RequestLimits): JobRequest {
  const { width, height, num_frames: frames, num_inference_steps: steps } = request;
  const { defaultRequest: usual } = settings;
  const maxPixels = Math.max(settings.maxPixels, usual.width * usual.height);
  const maxFrames = Math.max(settings.maxFrames, usual.numFrames);
  const maxSteps = Math.max(settings.maxSteps, usual.numInferenceSteps);
  if (width * height > maxPixels) {
    throw invalid('size', `size: ${width}x${height} is ${width * height} pixels, the limit is ${maxPixels}.`);
  }
  if (frames > maxFrames) {
    throw invalid(
      'num_frames',
      `num_frames: the video would have ${frames} frames, the limit is ${maxFrames}.`,
    );
  }
  if (steps > maxSteps) {
    throw invalid('num_inference_steps', `num_inference_steps: ${steps} is above the limit of ${maxSteps}.`);
  }
  try {
    const { prompt, negative_prompt: negativePrompt, seed } = request;
    checkLimits(
      {
        ...{ width, height, numFrames: frames, numInferenceSteps: steps, seed, prompt },
        ...(negativePrompt === undefined ? {} : { negativePrompt }),
      },
      { limits },
    );
  } catch (error) {
    // It begins with the name of what is wrong.
    const message = errorMessage(error);
    throw invalid(/^\w+/.exec(message)?.[0] ?? null, message);
  }
  return request;
}
