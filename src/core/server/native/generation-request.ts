import type { GenerationRequest } from '../../generators/generator.ts';
import type { CurrentSegment, Session } from '../../sessions/session.ts';
import type { Pictures } from '../session/picture.ts';
import type { StreamSettings } from '../session/stream-settings.ts';
import { videoSize } from './shape.ts';

/** The operator's defaults with what the client said, and where the session goes on. */
export function generationRequest(
  settings: StreamSettings,
  { continuation, singleClip, adapters, shape }: Session,
  { segmentIdx, prompt }: CurrentSegment,
  pictures: Pictures | undefined,
): GenerationRequest {
  const { defaultRequest } = settings;
  return {
    ...defaultRequest,
    ...videoSize(shape, settings),
    prompt: prompt.prompt,
    ...(prompt.negativePrompt === undefined ? {} : { negativePrompt: prompt.negativePrompt }),
    seed: prompt.seed ?? defaultRequest.seed,
    numInferenceSteps: prompt.numInferenceSteps ?? defaultRequest.numInferenceSteps,
    guidanceScale: prompt.guidanceScale ?? defaultRequest.guidanceScale,
    ...(adapters ? { adapters } : {}),
    ...(continuation && !singleClip ? { continuationState: continuation } : {}),
    ...(pictures?.first && (segmentIdx === 0 || singleClip) ? { initImagePath: pictures.first.path } : {}),
  };
}
