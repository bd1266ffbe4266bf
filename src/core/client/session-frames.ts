import type { ContinuationState } from '../protocol/continuation-state.ts';
import type { ClientFrameInput } from '../protocol/native/client-frames.ts';
import type { SegmentRequest } from './segment-plan.ts';
import type { StreamRequest } from './stream-request.ts';

/** What a session is resumed with. */
export interface Resume {
  readonly session_id: string;
  readonly resume_token: string;
}

interface Opening {
  readonly resume: Resume | undefined;
  readonly state: ContinuationState | undefined;
  readonly curated: readonly string[];
  /** Segments that are in the film. */
  readonly made: number;
  /** Whether the server may go on by itself from the start; otherwise requests come first. */
  readonly goOnAtOnce: boolean;
}

type SessionInit = Extract<ClientFrameInput, { type: 'session_init_v2' }>;

/** The first frame of a connection. */
export function sessionInit(request: StreamRequest, opening: Opening): SessionInit {
  const { preset, image, enhance, singleClip, loop, autoExtend } = request;
  const { resume, state, goOnAtOnce } = opening;
  const base = { type: 'session_init_v2', stream_mode: 'av_fmp4', final_state: true } as const;
  if (resume) return { ...base, resume };
  return {
    ...base,
    ...(preset === undefined ? {} : { preset }),
    curated_prompts: curatedFrom(opening, loop),
    enhancement_enabled: enhance,
    single_clip_mode: singleClip,
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
export function toggleFrames({ loop, autoExtend }: StreamRequest, enabled: boolean): ClientFrameInput[] {
  return [
    ...(loop ? [{ type: 'loop_generation_updated', enabled } as const] : []),
    ...(autoExtend ? [{ type: 'auto_extension_updated', enabled } as const] : []),
  ];
}

export function promptFrame(
  { prompt, source }: SegmentRequest,
  { negativePrompt, seed }: StreamRequest,
): ClientFrameInput {
  return {
    type: 'segment_prompt_source',
    prompt,
    source,
    ...(negativePrompt === undefined ? {} : { negative_prompt: negativePrompt }),
    ...(seed === undefined ? {} : { seed }),
  };
}
