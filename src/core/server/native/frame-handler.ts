import { FastVideoError } from '../../base/errors.ts';
import type { ClientFrame, SegmentPromptSource } from '../../protocol/native/client-frames.ts';
import { enqueue, replaceCuratedPrompts, type SegmentPrompt, setToggle } from '../../sessions/session.ts';
import { promptProblem, promptsProblem } from './admission.ts';
import type { NativeSession } from './native-session.ts';
import type { StreamSettings } from './stream-settings.ts';

/** Does what a frame of an open session asks for. Throws `invalid_message` for what cannot be done. */
export function handleFrame(session: NativeSession, frame: ClientFrame, settings: StreamSettings): void {
  switch (frame.type) {
    case 'session_init_v2':
      throw invalid('session_init_v2 was already sent; it opens a session once.');
    case 'segment_prompt_source':
      request(session, frame, settings);
      return;
    case 'seed_prompts_updated': {
      const problem = promptsProblem(frame.seed_prompts, settings);
      if (problem !== undefined) throw invalid(`seed_prompts_updated: ${problem}`);
      session.apply(replaceCuratedPrompts(session.state, frame.seed_prompts));
      return;
    }
    case 'enhancement_updated':
      session.apply(setToggle(session.state, 'enhancement', frame.enabled));
      if (frame.enabled) throw noProvider('Enhancement');
      return;
    case 'auto_extension_updated':
      session.apply(setToggle(session.state, 'autoExtension', frame.enabled));
      if (frame.enabled) throw noProvider('Auto-extension');
      return;
    case 'loop_generation_updated':
      session.apply(setToggle(session.state, 'loop', frame.enabled));
      return;
    case 'generation_paused_updated':
      session.apply({ ...session.state, paused: frame.paused });
      return;
    case 'snapshot_state':
      snapshot(session, frame.blobs ?? 'inline');
      return;
    case 'cancel_segment':
      if (!session.cancelSegment()) throw invalid('cancel_segment: no segment is being made.');
      return;
    case 'rewrite_seed_prompts':
      throw noProvider('Rewriting prompts');
    case 'leave':
      session.leave();
      return;
    default:
      frame satisfies never;
  }
}

/** Toggles of the opening that cannot do anything yet are told like those that come later. */
export function tellUnavailableToggles(session: NativeSession): void {
  const { enhancement, autoExtension } = session.state.toggles;
  if (enhancement) session.sendError(noProvider('Enhancement'));
  if (autoExtension) session.sendError(noProvider('Auto-extension'));
}

function request(session: NativeSession, frame: SegmentPromptSource, settings: StreamSettings): void {
  const problem =
    promptProblem(frame.prompt, settings) ??
    (frame.negative_prompt ? promptProblem(frame.negative_prompt, settings) : undefined);
  if (problem !== undefined) throw invalid(`segment_prompt_source: ${problem}`);
  const next = enqueue(session.state, segmentPrompt(frame), settings.maxQueuedRequests);
  if (!next)
    throw invalid(`${settings.maxQueuedRequests} requests are waiting already; send it again later.`);
  session.apply(next);
}

function segmentPrompt(frame: SegmentPromptSource): SegmentPrompt {
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

function snapshot(session: NativeSession, blobs: 'inline' | 'reference'): void {
  const { continuation } = session.state;
  if (!continuation) {
    throw new FastVideoError(
      'internal_error',
      'There is no continuation state before the first segment has ended.',
    );
  }
  session.sendSnapshot(continuation, blobs);
}

function invalid(message: string): FastVideoError {
  return new FastVideoError('invalid_message', message);
}

function noProvider(what: string): FastVideoError {
  const remedy =
    'set streaming.prompt.enabled and a provider (streaming.prompt.provider) in the server config';
  return new FastVideoError(
    'invalid_message',
    `${what} needs a prompt provider, and none is configured; ${remedy}.`,
  );
}
