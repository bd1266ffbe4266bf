import type { QueueReason, ServerFrame } from './frames.ts';

/**
 * - `idle`: no connection was asked for yet.
 * - `queued`: connected, no worker free.
 * - `ended`: over, as it should be.
 * - `reconnecting`: the connection was lost; `retry` says when it is opened again.
 * - `disconnected`: the client has stopped trying.
 */
export type SessionPhase =
  | 'idle'
  | 'connecting'
  | 'queued'
  | 'active'
  | 'reconnecting'
  | 'ended'
  | 'disconnected';

/** A try to open a lost connection again. */
export interface Retry {
  /** From 1. */
  readonly attempt: number;
  /** How many there are. */
  readonly attempts: number;
  readonly delayMs: number;
  /** When it begins, in milliseconds since 1970: for a countdown. */
  readonly at: number;
  /** Why there is no connection, as it stands in a sentence, without the full stop. */
  readonly why: string;
}

export interface MediaFormat {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
}

/** What holds of a session now. */
export interface SessionStatus {
  readonly phase: SessionPhase;
  /** A sentence more about the phase; may be empty. */
  readonly detail: string;
  /** A sentence about the session that holds as long as it lives; may be empty. */
  readonly note: string;
  readonly paused: boolean;
  /** Place in the queue, 1 is next. */
  readonly position: number;
  readonly queueDepth: number;
  /** Why it waits there; unset where the server does not say. */
  readonly queueReason?: QueueReason | undefined;
  /** The next try, while `reconnecting`. */
  readonly retry?: Retry | undefined;
  readonly modelId: string;
  readonly workerId: string;
  /** The model takes other words for the running segment. */
  readonly canSteer: boolean;
  readonly sessionId: string;
  /** Of the pictures; `frames` in one segment. */
  readonly format?: MediaFormat;
}

export const idleStatus: SessionStatus = {
  phase: 'idle',
  detail: '',
  note: '',
  paused: false,
  position: 0,
  queueDepth: 0,
  modelId: '',
  workerId: '',
  canSteer: false,
  sessionId: '',
};

/** What a frame of the server changes. */
export function statusAfter(frame: ServerFrame): Partial<SessionStatus> | undefined {
  switch (frame.type) {
    case 'queue_status':
      return {
        phase: frame.position > 0 ? 'queued' : 'connecting',
        position: frame.position,
        queueDepth: frame.queue_depth,
        queueReason: frame.reason,
      };
    case 'gpu_assigned':
      return {
        modelId: frame.model_id,
        workerId: frame.worker_id,
        canSteer: frame.steering ?? false,
        sessionId: frame.session_id,
      };
    case 'ltx2_stream_start': {
      const { width, height, fps, num_frames: frames } = frame;
      return { phase: 'active', format: { width, height, fps, frames } };
    }
    default:
      return undefined;
  }
}
