import type { GenerationRequest } from '../../generators/generator.ts';
import type { StoredImage } from '../../sessions/initial-image.ts';
import type { ProjectSegment, ProjectState } from '../../sessions/project/project-state.ts';
import type { StreamSettings } from '../session/stream-settings.ts';

/** The operator's defaults with the segment's prompt, and where the stream goes on. Its first segment starts from the picture. */
export function projectRequest(
  { defaultRequest }: StreamSettings,
  { continuation, singleClip }: ProjectState,
  { prompt, segmentIdx }: ProjectSegment,
  image: StoredImage | undefined,
): GenerationRequest {
  return {
    ...defaultRequest,
    prompt,
    ...(continuation && !singleClip ? { continuationState: continuation } : {}),
    ...(image && segmentIdx === 1 ? { initImagePath: image.path } : {}),
  };
}
