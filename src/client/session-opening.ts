import type { SessionInitV2ClientFrame } from './frames.ts';
import type { SessionInit, SessionOptions } from './session-options.ts';
import type { Continuation } from './session-progress.ts';

/** The first frame of a connection. Rejects with what the caller's `init` throws. */
export async function sessionOpening(
  { init = {} }: SessionOptions,
  continuation: Continuation | undefined,
): Promise<SessionInitV2ClientFrame> {
  const asked = typeof init === 'function' ? await init() : init;
  const opening = continued(asked, continuation);
  return { type: 'session_init_v2', ...opening, stream_mode: 'av_fmp4', final_state: true };
}

function continued(init: SessionInit, continuation: Continuation | undefined): SessionInit {
  if (!continuation) return init;
  const { presetsUsed, state } = continuation;
  const { initial_image, continuation_state, curated_prompts, ...others } = init;
  return {
    ...others,
    ...(curated_prompts ? { curated_prompts: promptsFrom(curated_prompts, presetsUsed, init) } : {}),
    // Where a state is, the picture that the film began with is in it.
    ...(state && !init.single_clip_mode
      ? { continuation_state: state }
      : initial_image
        ? { initial_image }
        : {}),
  };
}

/** Behind those that were used already: a loop begins anew, without it each is used once. */
function promptsFrom(
  prompts: readonly string[],
  used: number,
  { loop_generation_enabled }: SessionInit,
): string[] {
  if (!loop_generation_enabled) return prompts.slice(used);
  const next = used % Math.max(1, prompts.length);
  return [...prompts.slice(next), ...prompts.slice(0, next)];
}
