import { FastVideoError } from '../../base/errors.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import type { ClientFrame, SegmentPromptSource } from '../../protocol/native/client-frames.ts';
import { enqueue, replaceCuratedPrompts, type SegmentPrompt, setToggle } from '../../sessions/session.ts';
import { promptProblem, promptsProblem } from './admission.ts';
import type { NativeSession } from './native-session.ts';
import { newPrompt } from './prompt-pipeline.ts';
import type { StreamParts, StreamSettings } from './stream-settings.ts';
import { noProvider } from './unavailable-toggles.ts';

/** What a frame that has to be waited for does in the end. */
type Effect = () => void;

/**
 * Does what a frame of an open session asks for; where that takes time, what is to be done then. Throws, at once or
 * later, what the client is told when it cannot be done.
 */
export function handleFrame(
  session: NativeSession,
  frame: ClientFrame,
  parts: StreamParts,
): Promise<Effect> | undefined {
  const { settings } = parts;
  switch (frame.type) {
    case 'session_init_v2':
      throw invalid('session_init_v2 was already sent; it may be sent only once.');
    case 'segment_prompt_source':
      request(session, frame, settings);
      return;
    case 'seed_prompts_updated': {
      const problem = promptsProblem(frame.seed_prompts, settings);
      if (problem !== undefined) throw invalid(`seed_prompts_updated: ${problem}`);
      return replaceSeeds(session, frame.seed_prompts, parts);
    }
    case 'enhancement_updated':
      session.apply(setToggle(session.state, 'enhancement', frame.enabled));
      if (frame.enabled && !parts.enhancer) throw noProvider('Enhancement');
      return;
    case 'auto_extension_updated':
      session.apply(setToggle(session.state, 'autoExtension', frame.enabled));
      if (frame.enabled && !parts.enhancer) throw noProvider('Auto-extension');
      return;
    case 'loop_generation_updated':
      session.apply(setToggle(session.state, 'loop', frame.enabled));
      return;
    case 'generation_paused_updated':
      session.apply({ ...session.state, paused: frame.paused });
      return;
    case 'snapshot_state':
      return snapshot(session, frame.blobs ?? 'inline');
    case 'cancel_segment':
      if (!session.cancelSegment()) throw invalid('cancel_segment: no segment is running.');
      return;
    case 'rewrite_seed_prompts':
      if (!session.rewrite) throw noProvider('Rewriting prompts');
      session.rewrite.begin(frame);
      return;
    case 'leave':
      session.leave();
      return;
    default:
      frame satisfies never;
  }
}

function request(session: NativeSession, frame: SegmentPromptSource, settings: StreamSettings): void {
  const problem =
    promptProblem(frame.prompt, settings) ??
    (frame.negative_prompt ? promptProblem(frame.negative_prompt, settings) : undefined);
  if (problem !== undefined) throw invalid(`segment_prompt_source: ${problem}`);
  const prompt = newPrompt(segmentPrompt(frame));
  const next = enqueue(session.state, prompt, settings.maxQueuedRequests);
  if (!next)
    throw invalid(`${settings.maxQueuedRequests} requests are waiting already; send it again later.`);
  session.apply(next);
  session.pipeline.prepare(prompt);
}

/** The new prompts count once the filter has let them through; until then, and when it does not, the old ones. */
function replaceSeeds(
  session: NativeSession,
  prompts: readonly string[],
  { gate }: StreamParts,
): Promise<Effect> | undefined {
  const replace = () => session.apply(replaceCuratedPrompts(session.state, prompts));
  if (gate.open) {
    replace();
    return undefined;
  }
  return gate.objection(prompts, session.over).then((objection) => {
    if (objection) throw objection;
    return replace;
  });
}

function segmentPrompt(frame: SegmentPromptSource): Omit<SegmentPrompt, 'id' | 'ready'> {
  return {
    prompt: frame.prompt,
    source: frame.source,
    requestedAt: performance.now(),
    ...(frame.negative_prompt == null ? {} : { negativePrompt: frame.negative_prompt }),
    ...(frame.seed == null ? {} : { seed: frame.seed }),
    ...(frame.num_inference_steps == null ? {} : { numInferenceSteps: frame.num_inference_steps }),
    ...(frame.guidance_scale == null ? {} : { guidanceScale: frame.guidance_scale }),
  };
}

function snapshot(session: NativeSession, blobs: 'inline' | 'reference'): Promise<Effect> | undefined {
  const { continuation } = session.state;
  if (!continuation) {
    throw new FastVideoError(
      'internal_error',
      'There is no continuation state before the first segment has ended.',
    );
  }
  const answer = (state: ContinuationState) => session.send({ type: 'continuation_state_snapshot', state });
  const state = session.snapshotOf(continuation, blobs);
  if (state instanceof Promise) return state.then((referenced) => () => answer(referenced));
  answer(state);
  return undefined;
}

function invalid(message: string): FastVideoError {
  return new FastVideoError('invalid_message', message);
}
