import { FastVideoError } from '../../base/errors.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import type { ClientFrame, SegmentPromptSource } from '../../protocol/native/client-frames.ts';
import type { ServerFrame } from '../../protocol/native/server-frames.ts';
import { newPromptId, wantsEnhancement } from '../../sessions/prompt-steps.ts';
import {
  cancelCurrent,
  enqueue,
  replaceCuratedPrompts,
  type SegmentPrompt,
  type Session,
  type SessionToggles,
  setToggle,
} from '../../sessions/session.ts';
import { inlineState } from '../../sessions/state-blobs.ts';
import type { Change, Effect, SessionHost } from '../session/dialect.ts';
import { invalid, noProvider } from '../session/prompt-errors.ts';
import { promptProblem, promptsProblem } from '../session/prompt-limits.ts';
import { steer } from '../session/steering.ts';
import type { StreamParts } from '../session/stream-settings.ts';
import { beginRewrite } from './rewrite.ts';

type Received = Effect<Session> | Promise<Effect<Session>>;

/** What a frame of an open session does. Throws, or rejects with, what the client is told when it cannot be done. */
export function receive(frame: ClientFrame, host: SessionHost<Session>, parts: StreamParts): Received {
  switch (frame.type) {
    case 'session_init_v2':
      // FastVideo ignores it.
      return (session) => quietly(session);
    case 'segment_prompt_source':
      return (session) => request(session, frame, parts);
    case 'seed_prompts_updated': {
      const problem = promptsProblem(frame.seed_prompts, parts.settings);
      if (problem !== undefined) throw invalid(`seed_prompts_updated: ${problem}`);
      return replaceSeeds(frame.seed_prompts, host, parts);
    }
    case 'enhancement_updated':
      return toggle('enhancement', frame.enabled, () =>
        parts.enhancer
          ? undefined
          : noProvider('Enhancement', { message: frame.type, toggle: 'enhancement' }),
      );
    case 'auto_extension_updated':
      return toggle('autoExtension', frame.enabled, () =>
        parts.enhancer
          ? undefined
          : noProvider('Auto-extension', { message: frame.type, toggle: 'auto_extension' }),
      );
    case 'loop_generation_updated':
      return toggle('loop', frame.enabled);
    case 'realtime_updated':
      return (session) => quietly({ ...session, realtime: frame.enabled });
    case 'generation_paused_updated':
      return (session) => quietly({ ...session, paused: frame.paused });
    case 'snapshot_state':
      return snapshot(host, frame.blobs ?? 'inline');
    case 'cancel_segment':
      return (session) => {
        const next = cancelCurrent(session);
        if (!next) throw invalid('cancel_segment: no segment is running.', { message: frame.type });
        return quietly(next);
      };
    case 'prompt_update':
      return steer(frame, host, parts);
    case 'rewrite_seed_prompts':
      if (!parts.enhancer) throw noProvider('Rewriting prompts', { message: frame.type });
      return (session) => beginRewrite(session, frame);
    case 'leave':
      return (session) => ({ ...quietly(session), effects: [{ kind: 'end', reason: 'leave' }] });
    default:
      return frame satisfies never;
  }
}

function quietly(state: Session): Change<Session> {
  return { state, frames: [] };
}

/** `problem`: why it has no effect here; it is switched all the same. */
function toggle(
  name: keyof SessionToggles,
  enabled: boolean,
  problem: () => FastVideoError | undefined = () => undefined,
): Effect<Session> {
  return (session) => {
    const error = enabled ? problem() : undefined;
    return { state: setToggle(session, name, enabled), frames: error ? [error] : [] };
  };
}

function request(session: Session, frame: SegmentPromptSource, parts: StreamParts): Change<Session> {
  const { settings, gate, enhancer } = parts;
  const problem =
    promptProblem(frame.prompt, settings) ??
    (frame.negative_prompt ? promptProblem(frame.negative_prompt, settings) : undefined);
  if (problem !== undefined) throw invalid(`segment_prompt_source: ${problem}`);
  const ready = gate.open && !wantsEnhancement(session, { canWrite: enhancer !== undefined });
  const prompt = { ...segmentPrompt(frame), id: newPromptId(), ready };
  const next = enqueue(session, prompt, settings.maxQueuedRequests);
  if (!next)
    throw invalid(`${settings.maxQueuedRequests} requests are waiting already; send it again later.`);
  return quietly(next);
}

/** The new prompts count once the filter has let them through; until then, and when it does not, the old ones. */
function replaceSeeds(
  prompts: readonly string[],
  { over }: SessionHost<Session>,
  { gate }: StreamParts,
): Received {
  const replace: Effect<Session> = (session) => quietly(replaceCuratedPrompts(session, prompts));
  if (gate.open) return replace;
  return gate.objection(prompts, over).then((objection) => {
    if (objection) throw objection;
    return replace;
  });
}

function segmentPrompt(frame: SegmentPromptSource): Omit<SegmentPrompt, 'id' | 'ready'> {
  return {
    prompt: frame.prompt,
    source: frame.source,
    requestedAt: performance.now(),
    // An empty one means the default.
    ...(frame.negative_prompt ? { negativePrompt: frame.negative_prompt } : {}),
    ...(frame.seed == null ? {} : { seed: frame.seed }),
    ...(frame.num_inference_steps == null ? {} : { numInferenceSteps: frame.num_inference_steps }),
    ...(frame.guidance_scale == null ? {} : { guidanceScale: frame.guidance_scale }),
  };
}

function snapshot(host: SessionHost<Session>, blobs: 'inline' | 'reference'): Received {
  const { continuation } = host.state;
  if (!continuation) {
    throw new FastVideoError(
      'internal_error',
      'There is no continuation state before the first segment has ended.',
    );
  }
  const answer =
    (state: ContinuationState): Effect<Session> =>
    (session) => {
      const frame: ServerFrame = { type: 'continuation_state_snapshot', state };
      return { state: session, frames: [frame] };
    };
  if (blobs === 'inline') return answer(inlineState(continuation));
  return host.referencedState(continuation).then(answer);
}
