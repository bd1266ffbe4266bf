import type { AdapterSelection } from '../generators/adapters/selection.ts';
import type { AudioFormat, GenerationRequest, StreamMode } from '../generators/generator.ts';
import type { RunSignals } from '../generators/program/run-channel.ts';
import type { SteeringStep } from '../generators/steering.ts';
import type { SentMedia, Timeline } from '../media/timeline.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';
import type { WorkerState } from '../protocol/http/status.ts';
import type { Capabilities } from '../protocol/worker/capabilities.ts';

/** What one run of a segment brings, in the order in which it happens. */
export type SegmentEvent =
  | { readonly type: 'step'; readonly step: number; readonly totalSteps: number; readonly stage: string }
  /** A change of the prompt has effect; before the first media that shows it. */
  | ({ readonly type: 'steered' } & SteeringStep)
  | { readonly type: 'init'; readonly data: Uint8Array; readonly mime: string }
  /** Whole fragments; `timeline` is where the media ends if the run is cut off after this chunk. */
  | {
      readonly type: 'media';
      readonly data: Uint8Array;
      readonly frames: number;
      readonly timeline: Timeline;
    }
  /** Whole JPEG files, one a frame, with `legacy_jpeg`. */
  | { readonly type: 'jpeg'; readonly files: readonly Uint8Array[]; readonly timeline: Timeline }
  /** Large members of the payload are strings or bytes. */
  | { readonly type: 'state'; readonly state: ContinuationState }
  /** The last event. `cancelled` when the run ended early because it was asked to. */
  | {
      readonly type: 'done';
      readonly frames: number;
      readonly durationMs: number;
      readonly timeline: Timeline;
      readonly cancelled: boolean;
    };

/** A worker as the outside sees it. */
export interface WorkerInfo {
  readonly workerId: string;
  readonly gpuId: number;
  readonly modelId: string;
  readonly stateKind: string;
  readonly streamsFrames: boolean;
  readonly capabilities: Capabilities;
  readonly audio: AudioFormat | null;
  /** Whether the prompt of a segment can be changed while it is made. */
  readonly steering: boolean;
}

/** One row of `/status` and of the dashboard. */
export interface WorkerStatus {
  readonly gpuId: number;
  readonly workerId: string;
  /** Booted and fit to work. */
  readonly ready: boolean;
  /** Ready and not bound to a session (in-process pools: has room for another). */
  readonly available: boolean;
  /** Sessions bound to it. */
  readonly clientCount: number;
  /** Of these, the ones for which no segment is being made. */
  readonly idleSessions: number;
  readonly modelId: string | null;
  /** What its model can do; null while that is not known. */
  readonly capabilities: Capabilities | null;
  /** What encodes, in words; null while that is not known. */
  readonly encoder: string | null;
  /** What it has applied; null while that is not known, and for a model that takes none. */
  readonly adapters: AdapterSelection | null;
  readonly processAlive: boolean;
  readonly state: WorkerState;
  /** Process id of the worker; null when it has no process of its own, or none now. */
  readonly pid: number | null;
  /** Number of restarts after a death. */
  readonly restarts: number;
  readonly warmup: WarmupStatus;
  /** Why it is not ready, when it is not. */
  readonly error: string | null;
}

export interface WarmupStatus {
  readonly enabled: boolean;
  /** Null while it has not ended. */
  readonly success: boolean | null;
  readonly error: string | null;
  /** Milliseconds by name, e.g. `boot_ms`, `segment_0_ms`, `segment_1_ms`. */
  readonly timings: Readonly<Record<string, number>>;
}

export interface QueuePosition {
  /** Place in the queue: 1 is next. */
  readonly position: number;
  /** Sessions waiting in all. */
  readonly queueDepth: number;
}

export interface AcquireOptions {
  readonly signal: AbortSignal;
  readonly onPosition: (position: QueuePosition) => void;
  /** Whether it is for a job, which has no viewer; default: for a session. */
  readonly job?: boolean;
}

/** A segment to make on the worker that the session is bound to. */
export interface SegmentRequest {
  readonly generation: GenerationRequest;
  /** Where the session's media ends. */
  readonly timeline: Timeline;
  /** Default `av_fmp4`. */
  readonly streamMode?: StreamMode;
  /**
   * What the client already has of this segment; unset: nothing. The segment is made in whole, for its state, but only
   * the rest is encoded: `init`, `media` and `jpeg` are of the rest (none when nothing is left), and `done` tells of the
   * whole segment, as if it had been made in one piece.
   */
  readonly sent?: SentMedia;
  /**
   * Frames are made no sooner than a viewer needs them who has this many milliseconds of media when the run begins;
   * negative: who lacks as many. Unset: as soon as they can be.
   */
  readonly pace?: { readonly aheadMs: number };
}

export interface SegmentRun {
  /** Steps that the generator will report. */
  readonly totalSteps: number;
  /**
   * The run's events. Taking them slowly slows the worker down; leaving the iteration early stops it at once.
   * Throws `worker_failed` when the worker dies or fails, retryable unless this very request has ended workers before,
   * and `upstream_timeout` past the segment's limit.
   */
  readonly events: AsyncIterable<SegmentEvent>;
}

export type { RunSignals };

/** Workers, their life, and who is bound to whom. */
export interface Pool {
  /** Starts the workers. Throws `start_failed` when none can ever be ready. */
  start(): Promise<void>;
  /**
   * Binds the session to a worker, for as long as the session lasts; asked again it gives the same one. Waits in
   * order of arrival. `onPosition` is called on each change of position while it waits. Throws `gpu_unavailable`
   * after the time-out, and the signal's reason when `signal` aborts. A job is bound in the same way, waits in a line of
   * its own, and for as long as it takes.
   */
  acquire(sessionId: string, options: AcquireOptions): Promise<WorkerInfo>;
  /** Ends the binding, or the wait for one. Does nothing for an unknown session. */
  release(sessionId: string): void;
  /** Throws `generator_failed` too where the worker cannot apply the adapters of the request. */
  run(sessionId: string, request: SegmentRequest, signals: RunSignals): Promise<SegmentRun>;
  /** The adapters of all segments whose session chose none. */
  readonly adapters: AdapterSelection;
  /**
   * Changes them from the next segment of each worker on, and waits until all that are ready have applied them. Gives the
   * GPUs of these. Throws `gpu_unavailable` where none is ready, and `generator_failed` where one cannot apply them: those
   * before stay then.
   */
  applyAdapters(selection: AdapterSelection): Promise<readonly number[]>;
  status(): { readonly workers: readonly WorkerStatus[]; readonly queueDepth: number };
  /** The worker that the session is bound to now; it is another after a death. */
  workerOf(sessionId: string): string | undefined;
  /** Starts a parked worker again. False when there is no such worker, or it is not parked. */
  unpark(workerId: string): boolean;
  close(): Promise<void>;
}
