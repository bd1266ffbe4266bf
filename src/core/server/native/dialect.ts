import { FastVideoError } from '../../base/errors.ts';
import type { ClientFrame, SessionInitV2 } from '../../protocol/native/client-frames.ts';
import { parseClientFrame } from '../../protocol/native/parse.ts';
import type { ServerFrame } from '../../protocol/native/server-frames.ts';
import { advanceSession, refuseWaiting } from '../../sessions/prompt-steps.ts';
import { endSegment, reopened, type Session } from '../../sessions/session.ts';
import { sessionMembers } from '../../sessions/session-checkpoint.ts';
import { inlineState } from '../../sessions/state-blobs.ts';
import type { SessionStep } from '../../sessions/step.ts';
import type { Closing, Dialect, SegmentContext, SegmentPlan, SessionDialect } from '../session/dialect.ts';
import { errorFrame } from '../session/error-frame.ts';
import { readPictures } from '../session/picture.ts';
import { noProvider } from '../session/prompt-errors.ts';
import { steeringCalls } from '../session/steering.ts';
import type { StreamParts, StreamSettings } from '../session/stream-settings.ts';
import { generationRequest } from './generation-request.ts';
import { nativeOpening, readInit } from './opening.ts';
import { promptCalls, requestSubject } from './prompt-calls.ts';
import { receive } from './receive.ts';
import { rewriteCalls } from './rewrite.ts';
import { nativeFrames } from './segment-frames.ts';
import { videoSize } from './shape.ts';

/** `/v1/stream`: the client asks for each segment. */
export const nativeDialect: Dialect<Session, ClientFrame, SessionInitV2> = {
  name: 'native',
  parse: parseClientFrame,
  readInit,
  opening: (init, { settings }) => nativeOpening(init, settings),
  readPictures,
  resumed: (session) => session,
  session: (parts, host, init) => {
    const { settings, enhancer } = parts;
    const { segmentCap, sessionTimeoutMs } = settings;
    const means = { canWrite: enhancer !== undefined, segmentCap };
    return {
      queued: ({ position, queueDepth, reason }, token) =>
        told({
          type: 'queue_status',
          position,
          queue_depth: queueDepth,
          ...(reason === undefined ? {} : { reason }),
          ...(token === undefined ? {} : { resume_token: token }),
        }),
      assigned: ({ gpuId, workerId, modelId, steering, capabilities }, token) =>
        told({
          type: 'gpu_assigned',
          gpu_id: gpuId,
          session_timeout: sessionTimeoutMs / 1000,
          session_id: host.id,
          ...(token === undefined ? {} : { resume_token: token }),
          worker_id: workerId,
          model_id: modelId,
          ...(steering ? { steering } : {}),
          capabilities,
        }),
      opened: (state, begun) => ({
        state,
        frames: [streamStart(state, settings), ...(begun ? [] : missingMeans(state, parts))],
      }),
      refusal: ({ continuation }, { stateKind }) => {
        if (!continuation || continuation.kind === stateKind) return undefined;
        const message = `The continuation state is of kind "${continuation.kind}"; the loaded model takes "${stateKind}".`;
        return new FastVideoError('preset_mismatch', message);
      },
      receive: (frame) => receive(frame, host, parts),
      advance: (state) => {
        const atCap = !state.current && state.completedSegments >= segmentCap;
        if (atCap) {
          const frames = init.final_state ? finalState(state) : [];
          return { state, frames, effects: [{ kind: 'end', reason: 'segment_cap' }] };
        }
        return advanceSession(state, means);
      },
      calls: (state) => [
        ...steeringCalls(state, host, parts.gate),
        ...promptCalls(state, host, parts),
        ...rewriteCalls(state, host, { ...parts, defaults: parts.rewriteDefaults }),
      ],
      segment: (state, context) => segmentPlan(state, context, settings),
      segmentEnded: (state, outcome) => ({ state: endSegment(state, outcome), frames: [] }),
      closing,
      busy: () => false,
      waitingRequests: ({ waiting }) => waiting.length,
      members: (state, { begun }) => ({ begun, ...sessionMembers(state) }),
      describe: ({ preset, curatedPrompts }) => ({ preset, curated_prompts: curatedPrompts }),
      resume: { record: (state) => state, reopened },
    } satisfies SessionDialect<Session, ClientFrame>;
  },
  clock: 'idle',
  steersWhileQueued: true,
  floodedOpening: 'close',
  leavesUnopened: false,
};

function told(frame: ServerFrame): ServerFrame {
  return frame;
}

function streamStart({ preset, shape }: Session, settings: StreamSettings): ServerFrame {
  const { fps, numFrames } = settings.defaultRequest;
  return {
    type: 'ltx2_stream_start',
    ...(preset === undefined ? {} : { preset }),
    ...videoSize(shape, settings),
    fps,
    num_frames: numFrames,
  };
}

/** Toggles of the opening that cannot do anything yet are told like those that come later. */
function missingMeans({ toggles }: Session, { enhancer }: StreamParts): FastVideoError[] {
  if (enhancer) return [];
  return [
    ...(toggles.enhancement ? [noProvider('Enhancement', { toggle: 'enhancement' })] : []),
    ...(toggles.autoExtension ? [noProvider('Auto-extension', { toggle: 'auto_extension' })] : []),
  ];
}

/** For a client that continues in another session. */
function finalState({ continuation, singleClip }: Session): ServerFrame[] {
  if (!continuation || singleClip) return [];
  return [{ type: 'continuation_state_snapshot', state: inlineState(continuation) }];
}

function segmentPlan(
  state: Session,
  { worker, pictures }: SegmentContext,
  settings: StreamSettings,
): SegmentPlan {
  const { current, streamMode, ptsBaseMs } = state;
  if (!current) throw new Error('There is no segment to make.');
  const { prompt, source, requestedAt } = current.prompt;
  const generation = generationRequest(settings, state, current, pictures);
  const holdsSteps = worker.streamsFrames && streamMode === 'av_fmp4';
  return {
    streamId: current.streamId,
    generation,
    streamMode,
    frames: nativeFrames({ segment: current, fps: generation.fps, ptsBaseMs, holdsSteps }),
    logged: { prompt, source },
    requestedAt,
    asked: 'curatedIndex' in current.prompt ? {} : requestSubject,
    needsMedia: false,
  };
}

/** Requests that wait get an answer each. Who leaves knows, and the cap is what the operator wants: those are no errors. */
function closing(state: Session, end: Closing): SessionStep<Session> {
  const refused = (why: string) => (prompt: string) =>
    new FastVideoError('session_rejected', `"${prompt}" was not generated: ${why}`, {
      about: requestSubject,
    });
  switch (end.kind) {
    case 'complete': {
      const refusal = refused('the session has ended.');
      const { state: next, frames } = refuseWaiting(state, (prompt) => errorFrame(refusal(prompt)));
      return { state: next, frames: [...frames, ...lastFrames(state, end)] };
    }
    case 'drained': {
      const { state: next, frames } = refuseWaiting(state, refused('The server is shutting down.'));
      const last = lastFrames(state, { active: true, reason: 'stop_requested' });
      return { state: next, frames: [...frames, end.error, ...last] };
    }
    case 'failed': {
      const why = end.active ? 'the session has failed.' : 'the session could not be opened.';
      const { state: next, frames } = refuseWaiting(state, refused(why));
      const last = end.active ? lastFrames(state, { active: true, reason: 'error' }) : [];
      return { state: next, frames: [...frames, end.error, ...last] };
    }
    case 'expired': {
      const why = 'The session reached its idle limit before this request was started.';
      const { state: next, frames } = refuseWaiting(state, refused(why));
      return {
        state: next,
        frames: [...frames, told({ type: 'session_timeout', timeout_seconds: end.seconds })],
      };
    }
  }
}

type StreamEnd = Extract<ServerFrame, { type: 'ltx2_stream_complete' }>['reason'];

function lastFrames(
  { current }: Session,
  { active, reason }: { readonly active: boolean; readonly reason: StreamEnd },
): ServerFrame[] {
  return [
    ...(current ? [told({ type: 'segment_cancelled', segment_idx: current.segmentIdx })] : []),
    ...(active ? [told({ type: 'ltx2_stream_complete', reason })] : []),
  ];
}
