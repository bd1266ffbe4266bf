import type { GenerationRequest } from '../../generators/generator.ts';
import type { ProjectSegment, ProjectState } from '../../sessions/project/project-state.ts';
import type { Pictures } from '../session/picture.ts';
import type { StreamSettings } from '../session/stream-settings.ts';

/**
 * The operator's defaults with what the client chose and the segment's prompt, and where the stream goes on. Its first
 * segment is the one that starts and ends with the pictures.
 */
export function projectRequest(
  { defaultRequest }: StreamSettings,
  { continuation, singleClip, creation, adapters }: ProjectState,
  { prompt, segmentIdx }: ProjectSegment,
  pictures: Pictures | undefined,
): GenerationRequest {
  return {
    ...defaultRequest,
    ...(creation
      ? {
          width: creation.config.frame_width,
          height: creation.config.frame_height,
          numFrames: creation.config.num_frames,
        }
      : {}),
    prompt,
    ...(adapters ? { adapters } : {}),
    ...(continuation && !singleClip ? { continuationState: continuation } : {}),
    ...(segmentIdx === 1 && pictures?.first ? { initImagePath: pictures.first.path } : {}),
    ...(segmentIdx === 1 && pictures?.last ? { lastImagePath: pictures.last.path } : {}),
    ...(pictures && pictures.references.length > 0
      ? { referenceImagePaths: pictures.references.map(({ path }) => path) }
      : {}),
  };
}
