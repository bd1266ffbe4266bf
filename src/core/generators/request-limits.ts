import { FastVideoError } from '../base/errors.ts';
import type { RequestLimits } from '../protocol/worker/capabilities.ts';
import type { GenerationRequest, GeneratorInfo } from './generator.ts';

/** What limits are about. */
export type LimitedRequest = Pick<
  GenerationRequest,
  'width' | 'height' | 'numFrames' | 'numInferenceSteps' | 'seed'
>;

type UnlimitedParts = Pick<
  GenerationRequest,
  'prompt' | 'negativePrompt' | 'initImagePath' | 'continuationState'
>;

/** What of a request the model cannot make, with the value and what would be right; undefined: nothing. */
export function limitProblem(request: LimitedRequest, limits: RequestLimits): string | undefined {
  const { size_multiple: multiple = 1, min_frames, max_frames, max_steps, min_seed, max_seed } = limits;
  return (
    sizeProblem('width', request.width, multiple) ??
    sizeProblem('height', request.height, multiple) ??
    rangeProblem('num_frames', request.numFrames, min_frames, max_frames) ??
    rangeProblem('num_inference_steps', request.numInferenceSteps, undefined, max_steps) ??
    rangeProblem('seed', request.seed, min_seed, max_seed)
  );
}

/** Throws `invalid_message`, not retryable, for a request that the model cannot make or read. */
export function checkLimits(
  request: LimitedRequest & UnlimitedParts,
  { limits, needsFirstFrame = false }: Pick<GeneratorInfo, 'limits' | 'needsFirstFrame'>,
): void {
  const problem =
    textProblem('prompt', request.prompt) ??
    textProblem('negative_prompt', request.negativePrompt) ??
    (limits && limitProblem(request, limits)) ??
    (needsFirstFrame ? beginningProblem(request) : undefined);
  if (problem !== undefined) {
    throw new FastVideoError('invalid_message', `${problem}.`, { retryable: false });
  }
}

function sizeProblem(name: string, value: number, multiple: number): string | undefined {
  if (value % multiple === 0) return undefined;
  const lower = value - (value % multiple);
  const near = lower > 0 ? `${lower} or ${lower + multiple}` : `${multiple}`;
  return `${name} is ${value}; the model makes multiples of ${multiple}, for example ${near}`;
}

function rangeProblem(name: string, value: number, min?: number, max?: number): string | undefined {
  if (min !== undefined && value < min) return `${name} is ${value}; the model takes ${min} or more`;
  if (max !== undefined && value > max) return `${name} is ${value}; the model takes ${max} or less`;
  return undefined;
}

function beginningProblem({ initImagePath, continuationState }: UnlimitedParts): string | undefined {
  if (initImagePath !== undefined || continuationState !== undefined) return undefined;
  return 'initial_image is missing; the model makes videos from a picture: begin a session with one';
}

/** Half of a surrogate pair is no character: no tokenizer can read it. */
const halfPair = /\p{Surrogate}/u;

function textProblem(name: string, text: string | undefined): string | undefined {
  const at = text?.search(halfPair) ?? -1;
  if (text === undefined || at === -1) return undefined;
  const code = text.charCodeAt(at).toString(16).toUpperCase();
  return `${name}: character ${[...text.slice(0, at)].length + 1} is half of a surrogate pair (U+${code}); send whole characters`;
}
