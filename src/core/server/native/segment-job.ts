import { errorMessage, FastVideoError, toFastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { GenerationRequest } from '../../generators/generator.ts';
import type { WorkerInfo } from '../../pool/pool.ts';
import type { AlreadySent } from '../../protocol/checkpoint.ts';
import type { ServerFrame } from '../../protocol/native/server-frames.ts';
import type { CurrentSegment, SegmentOutcome, Session } from '../../sessions/session.ts';
import type { SessionLog } from '../../sessions/session-log.ts';
import { DeliveryProgress, sentOf } from '../delivery-progress.ts';
import type { ServerMetrics } from '../metrics.ts';
import { roundMs } from '../round-ms.ts';
import type { SessionWire } from '../session-wire.ts';
import { SegmentRelay } from './segment-relay.ts';
import type { StreamParts } from './stream-settings.ts';

/** What a segment is made with; the session fills it in. */
export interface SegmentJobParts extends Pick<StreamParts, 'settings' | 'pool'> {
  readonly metrics: ServerMetrics;
  readonly wire: SessionWire;
  /** Names the session's binding to a worker. */
  readonly bindingId: string;
  readonly log: SessionLog;
  readonly logger: Logger;
  /** Counts and logs the error; what the client is told of it. */
  readonly errorFrame: (error: FastVideoError) => ServerFrame;
}

export interface SegmentJobRequest {
  readonly session: Session;
  readonly segment: CurrentSegment;
  readonly worker: WorkerInfo;
  readonly generation: GenerationRequest;
  /** What the client has of it already: another replica began it. */
  readonly alreadySent: AlreadySent | undefined;
}

/** What a segment leaves behind, and how the client is told of it once the session's state holds it. */
export interface SegmentEnd {
  readonly outcome: SegmentOutcome;
  readonly frames: readonly ServerFrame[];
}

/** One segment from the request to its outcome: told to the client, counted and logged. */
export class SegmentJob {
  readonly #parts: SegmentJobParts;
  readonly #request: SegmentJobRequest;
  readonly #account: DeliveryProgress;
  readonly #relay: SegmentRelay;
  readonly #cancel = new AbortController();
  readonly #abandon = new AbortController();
  readonly #startedAt = performance.now();
  #firstMediaMs: number | undefined;
  #cancelWanted = false;
  #totalSteps = 0;
  /** Never rejects. */
  readonly ended: Promise<SegmentEnd>;

  constructor(parts: SegmentJobParts, request: SegmentJobRequest) {
    this.#parts = parts;
    this.#request = request;
    const { session, segment, worker, generation, alreadySent } = request;
    this.#account = new DeliveryProgress(session.timeline, alreadySent, () => this.#onFirstMedia());
    const context = {
      wire: parts.wire,
      segmentIdx: segment.segmentIdx,
      streamId: segment.streamId,
      holdSteps: worker.streamsFrames && session.streamMode === 'av_fmp4',
      fps: generation.fps,
      ptsBaseMs: session.ptsBaseMs,
    };
    this.#relay = new SegmentRelay(context, this.#account);
    this.ended = this.#run();
  }

  /** Ends it at the next frame, but not before what the client has; what was made is still sent. */
  cancel(): void {
    this.#cancelWanted = true;
    const { frames, before } = this.#account;
    if (before.frames > 0 && frames === before.frames) return;
    this.#cancel.abort(new FastVideoError('interrupted', 'The segment was cancelled.'));
  }

  /** Stops it at once: nobody waits for it any more. */
  abandon(): void {
    this.#abandon.abort(new FastVideoError('interrupted', 'The client disconnected.'));
  }

  async #run(): Promise<SegmentEnd> {
    const { session, segment, generation, alreadySent } = this.#request;
    const { segmentIdx } = segment;
    let started = alreadySent?.started ?? false;
    let frames: ServerFrame[];
    let completed = false;
    try {
      const sent = sentOf(alreadySent);
      const run = await this.#parts.pool.run(
        this.#parts.bindingId,
        {
          generation,
          timeline: session.timeline,
          streamMode: session.streamMode,
          ...(sent ? { sent } : {}),
        },
        { cancel: this.#cancel.signal, abandon: this.#abandon.signal },
      );
      this.#totalSteps = run.totalSteps;
      const { prompt, source } = segment.prompt;
      this.#parts.log.write('segment_start', { segment_idx: segmentIdx, prompt, source });
      if (!started) {
        const { totalSteps: total_steps } = run;
        this.#send({ type: 'ltx2_segment_start', segment_idx: segmentIdx, prompt, total_steps, source });
      }
      started = true;
      await this.#relay.relay(run);
      // What comes now is told apart from the end of the media.
      this.#parts.wire.flush();
      completed = !this.#account.cancelled;
      frames = [completed ? this.#completed() : this.#cancelled()];
    } catch (error) {
      frames = this.#failed(error);
    }
    const { timeline, continuation } = this.#account;
    const { durationMs } = this.#relay;
    const outcome = { started, completed, timeline, durationMs, ...(continuation ? { continuation } : {}) };
    return { outcome, frames };
  }

  /** How far it is. */
  get progress(): { readonly step: number; readonly totalSteps: number } {
    return { step: this.#account.step, totalSteps: this.#totalSteps };
  }

  #onFirstMedia(): void {
    this.#firstMediaMs = performance.now() - this.#request.segment.prompt.requestedAt;
    this.#parts.metrics.firstMediaAfter(this.#firstMediaMs);
    if (this.#cancelWanted) this.cancel();
  }

  #completed(): ServerFrame {
    const now = performance.now();
    const firstMedia = this.#firstMediaMs;
    const { segmentIdx, prompt } = this.#request.segment;
    this.#count('completed');
    return {
      type: 'ltx2_segment_complete',
      segment_idx: segmentIdx,
      generation_time_ms: roundMs(now - this.#startedAt),
      e2e_latency_ms: roundMs(now - prompt.requestedAt),
      ...(firstMedia === undefined ? {} : { time_to_first_media_ms: roundMs(firstMedia) }),
      frames: this.#account.frames,
    };
  }

  #cancelled(): ServerFrame {
    this.#count('cancelled');
    return { type: 'segment_cancelled', segment_idx: this.#request.segment.segmentIdx };
  }

  #failed(error: unknown): ServerFrame[] {
    if (this.#abandon.signal.aborted) {
      this.#count('abandoned');
      return [];
    }
    if (this.#cancelWanted) return [this.#cancelled()];
    this.#count('failed');
    const fields = { segment_idx: this.#request.segment.segmentIdx, error: errorMessage(error) };
    this.#parts.logger.error(fields, 'segment failed');
    return [this.#parts.errorFrame(segmentError(error))];
  }

  #count(outcome: 'completed' | 'cancelled' | 'failed' | 'abandoned'): void {
    this.#parts.metrics.segmentEnded(outcome, performance.now() - this.#startedAt);
    this.#parts.log.write(`segment_${outcome}`, {
      segment_idx: this.#request.segment.segmentIdx,
      frames: this.#account.frames,
    });
  }

  #send(frame: ServerFrame): void {
    this.#parts.wire.sendFrame(frame);
  }
}

/** What a client is told about a segment that could not be made: the codes of this side become `worker_failed`. */
function segmentError(error: unknown): FastVideoError {
  const known = toFastVideoError(error);
  if (known.entry.wire && known.code !== 'internal_error') return known;
  return new FastVideoError('worker_failed', known.message, { cause: error, retryable: true });
}
