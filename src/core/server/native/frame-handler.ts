import { FastVideoError, toFastVideoError } from '../../base/errors.ts';
import type { ClientFrame, SegmentPromptSource } from '../../protocol/native/client-frames.ts';
import { enqueue, replaceCuratedPrompts, type SegmentPrompt, setToggle } from '../../sessions/session.ts';
import { promptProblem, promptsProblem } from './admission.ts';
import type { NativeSession } from './native-session.ts';
import { newPrompt } from './prompt-desk.ts';
import type { StreamParts, StreamSettings } from './stream-settings.ts';

/** Does what a frame of an open session asks for. Throws `invalid_message` for what cannot be done. */
export function handleFrame(session: NativeSession, frame: ClientFrame, parts: StreamParts): void {
  const { settings } = parts;
  switch (frame.type) {
    case 'session_init_v2':
      throw invalid('session_init_v2 was already sent; it opens a session once.');
    case 'segment_prompt_source':
      request(session, frame, settings);
      return;
    case 'seed_prompts_updated': {
      const problem = promptsProblem(frame.seed_prompts, settings);
      if (problem !== undefined) throw invalid(`seed_prompts_updated: ${problem}`);
      void replaceSeeds(session, frame.seed_prompts, parts);
      return;
    }
    case 'enhancement_updated':
      session.apply(setToggle(session.state, 'enhancement', frame.enabled));
      if (frame.enabled && !parts.enhancer) throw noProvider('Enhancement');
      return;
    case 'auto_extension_updated':
      session.desk.toggled();
      session.apply(setToggle(session.state, 'autoExtension', frame.enabled));
      if (frame.enabled && !parts.enhancer) throw noProvider('Auto-extension');
      return;
    case 'loop_generation_updated':
      session.desk.toggled();
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

/** Toggles of the opening that cannot do anything yet are told like those that come later. */
export function tellUnavailableToggles(session: NativeSession, { enhancer }: StreamParts): void {
  if (enhancer) return;
  const { enhancement, autoExtension } = session.state.toggles;
  if (enhancement) session.sendError(noProvider('Enhancement'));
  if (autoExtension) session.sendError(noProvider('Auto-extension'));
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
  session.desk.prepare(prompt);
}

/** The new prompts count once the filter has let them through; until then, and when it does not, the old ones. */
async function replaceSeeds(
  session: NativeSession,
  prompts: readonly string[],
  { gate }: StreamParts,
): Promise<void> {
  try {
    const objection = gate.open ? undefined : await gate.objection(prompts, session.over);
    if (objection) session.sendError(objection);
    else session.apply(replaceCuratedPrompts(session.state, prompts));
  } catch (error) {
    // A session that is over has no prompts to replace.
    if (!session.over.aborted) session.sendError(toFastVideoError(error));
  }
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
