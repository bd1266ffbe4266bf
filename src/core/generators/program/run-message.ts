import { FastVideoError } from '../../base/errors.ts';
import type { SentMedia, Timeline } from '../../media/timeline.ts';
import { timelineStart } from '../../media/timeline.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import type { ToWorker } from '../../protocol/worker/messages.ts';
import type { GenerationRequest, StreamMode } from '../generator.ts';
import { fromRequestMessage, toRequestMessage } from './request-message.ts';
import { packState, unpackState } from './state-blobs.ts';
import { packTimeline, unpackTimeline } from './timeline-message.ts';

type RunMessage = Extract<ToWorker, { type: 'run' }>;
type SentMessage = NonNullable<RunMessage['sent']>;

/** What a run is made from. */
export interface RunRequest {
  readonly generation: GenerationRequest;
  /** Where the session's media ends; a program that gives raw frames needs none. */
  readonly timeline?: Timeline;
  readonly streamMode?: StreamMode;
  /** What the client has of this segment from another run of it. */
  readonly sent?: SentMedia;
  /** Frames are made no sooner than a viewer needs them; a program that gives raw frames is not asked. */
  readonly pace?: { readonly aheadMs: number };
}

/** Header and payload of the message that begins a run. */
export function packRun(
  runId: number,
  { generation, timeline = timelineStart, streamMode = 'av_fmp4', sent, pace }: RunRequest,
): { message: RunMessage; payload: Uint8Array } {
  const { header, payload: tail } = packTimeline(timeline);
  const request = toRequestMessage(generation);
  const packed = request.continuation_state && packState(request.continuation_state, tail.length);
  return {
    message: {
      type: 'run',
      run_id: runId,
      request: packed ? { ...request, continuation_state: packed.state } : request,
      timeline: header,
      stream_mode: streamMode,
      ...(sent ? { sent: toSentMessage(sent) } : {}),
      ...(pace ? { pace: { ahead_ms: pace.aheadMs } } : {}),
    },
    payload: packed && packed.blobs.length > 0 ? joined([tail, ...packed.blobs]) : tail,
  };
}

export function unpackRun(
  message: RunMessage,
  payload: Uint8Array,
): RunRequest & Required<Omit<RunRequest, 'sent' | 'pace'>> {
  const generation = fromRequestMessage(message.request);
  const { continuationState } = generation;
  return {
    generation: continuationState
      ? { ...generation, continuationState: stateOf(continuationState, payload) }
      : generation,
    timeline: unpackTimeline(message.timeline, payload),
    streamMode: message.stream_mode,
    ...(message.sent ? { sent: fromSentMessage(message.sent) } : {}),
    ...(message.pace ? { pace: { aheadMs: message.pace.ahead_ms } } : {}),
  };
}

function toSentMessage({ frames, nextSample }: SentMedia): SentMessage {
  return { frames, ...(nextSample === undefined ? {} : { next_sample: nextSample }) };
}

function fromSentMessage({ frames, next_sample: nextSample }: SentMessage): SentMedia {
  return { frames, ...(nextSample === undefined ? {} : { nextSample }) };
}

/** A client may bring any state: one that names blobs that are not there is its mistake. */
function stateOf(state: ContinuationState, payload: Uint8Array): ContinuationState {
  try {
    return unpackState(state, payload);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `The continuation state cannot be read: ${error.message}`;
    throw new FastVideoError('preset_mismatch', message, { cause: error });
  }
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
