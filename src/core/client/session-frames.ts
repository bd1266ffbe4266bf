import type { ClientFrame } from '../../client/frames.ts';
import type { SessionInit } from '../../client/session-options.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';
import type { StreamRequest } from './stream-request.ts';

interface Opening {
  readonly state: ContinuationState | undefined;
  readonly curated: readonly string[];
  /** Segments that are in the film. */
  readonly made: number;
  /** Whether the server may go on by itself from the start; otherwise requests come first. */
  readonly goOnAtOnce: boolean;
}

/** What a session is opened with. */
export function sessionInit(request: StreamRequest, opening: Opening): SessionInit {
  const { preset, image, enhance, singleClip, realtime, loop, autoExtend } = request;
  const { state, goOnAtOnce } = opening;
  return {
    ...(preset === undefined ? {} : { preset }),
    curated_prompts: curatedFrom(opening, loop),
    enhancement_enabled: enhance,
    single_clip_mode: singleClip,
    // Left out, so that a server which does not know it is not asked for it.
    ...(realtime ? { realtime } : {}),
    loop_generation_enabled: loop && goOnAtOnce,
    auto_extension_enabled: autoExtend && goOnAtOnce,
    // Where a state is, the picture that the first segment started from is in it.
    ...(image === undefined || (state !== undefined && opening.made > 0 && !singleClip)
      ? {}
      : { initial_image: image }),
    ...(state === undefined || singleClip ? {} : { continuation_state: state }),
  };
}

/** A new session walks on where the one before it was: a loop begins anew, other prompts are used once. */
function curatedFrom({ curated, made }: Opening, loop: boolean): string[] {
  if (curated.length === 0) return [];
  if (!loop) return curated.slice(made);
  const next = made % curated.length;
  return [...curated.slice(next), ...curated.slice(0, next)];
}

/** The frames that switch on, or off, that the server goes on by itself. */
export function toggleFrames({ loop, autoExtend }: StreamRequest, enabled: boolean): ClientFrame[] {
  return [
    ...(loop ? [{ type: 'loop_generation_updated', enabled } as const] : []),
    ...(autoExtend ? [{ type: 'auto_extension_updated', enabled } as const] : []),
  ];
}
