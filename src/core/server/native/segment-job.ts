import { errorMessage, FastVideoError, toFastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { GenerationRequest } from '../../generators/generator.ts';
import type { WorkerInfo } from '../../pool/pool.ts';
import type { ServerFrame } from '../../protocol/native/server-frames.ts';
import type { SegmentOutcome, SegmentPrompt, Session } from '../../sessions/session.ts';
import type { SessionLog } from '../../sessions/session-log.ts';
import type { ClientSocket } from '../client-socket.ts';
import type { ServerMetrics } from '../metrics.ts';
import { roundMs, SegmentRelay } from './segment-relay.ts';
import type { StreamParts } from './stream-settings.ts';

/** What a segment is made with; the session fills it in. */
export interface SegmentJobParts extends Pick<StreamParts, 'settings' | 'pool'> {
  readonly metrics: ServerMetrics;
  readonly socket: ClientSocket;
  /** Names the session's binding to a worker. */
  readonly bindingId: string;
  readonly log: SessionLog;
  readonly logger: Logger;
  readonly sendError: (error: FastVideoError) => void;
}

/** One segment from the request to its outcome: told to the client, counted and logged. */
export class SegmentJob {
  readonly #parts: SegmentJobParts;
  readonly #session: Session;
  readonly #segmentIdx: number;
  readonly #prompt: SegmentPrompt;
  readonly #relay: SegmentRelay;
  readonly #cancel = new AbortController();
  readonly #abandon = new AbortController();
  readonly #startedAt = performance.now();
  #firstMediaMs: number | undefined;
  #totalSteps = 0;
  /** Resolves with what the segment leaves behind. Never rejects. */
  readonly ended: Promise<SegmentOutcome>;

  constructor(
    parts: SegmentJobParts,
    session: Session,
    segmentIdx: number,
    prompt: SegmentPrompt,
    worker: WorkerInfo,
    generation: GenerationRequest,
  ) {
    this.#parts = parts;
    this.#session = session;
    this.#segmentIdx = segmentIdx;
    this.#prompt = prompt;
    this.#relay = new SegmentRelay(
      {
        socket: parts.socket,
        segmentIdx,
        streamId: `${session.id}-${segmentIdx}`,
        holdSteps: worker.streamsFrames && session.streamMode === 'av_fmp4',
        fps: generation.fps,
        ptsBaseMs: session.ptsBaseMs,
        onFirstMedia: () => this.#onFirstMedia(),
      },
      session.timeline,
    );
    this.ended = this.#run(generation);
  }

  /** Ends it at the next frame; what was made is still sent. False when that was asked before. */
  cancel(): boolean {
    if (this.#cancel.signal.aborted) return false;
    this.#cancel.abort(new FastVideoError('interrupted', 'The segment was cancelled.'));
    return true;
  }

  /** Stops it at once: nobody waits for it any more. */
  abandon(): void {
    this.#abandon.abort(new FastVideoError('interrupted', 'The client has gone.'));
  }

  async #run(generation: GenerationRequest): Promise<SegmentOutcome> {
    let started = false;
    let completed = false;
    try {
      const run = await this.#parts.pool.run(
        this.#parts.bindingId,
        { generation, timeline: this.#session.timeline, streamMode: this.#session.streamMode },
        { cancel: this.#cancel.signal, abandon: this.#abandon.signal },
      );
      this.#totalSteps = run.totalSteps;
      const { prompt, source } = this.#prompt;
      this.#parts.log.write('segment_start', { segment_idx: this.#segmentIdx, prompt, source });
      this.#send({
        type: 'ltx2_segment_start',
        segment_idx: this.#segmentIdx,
        prompt,
        total_steps: run.totalSteps,
        source,
      });
      started = true;
      await this.#relay.relay(run);
      completed = !this.#relay.cancelled;
      if (completed) this.#tellCompleted();
      else this.#tellCancelled();
    } catch (error) {
      this.#tellFailed(error);
    }
    const { timeline, durationMs, continuation } = this.#relay;
    return { started, completed, timeline, durationMs, ...(continuation ? { continuation } : {}) };
  }

  /** How far it is. */
  get progress(): { readonly step: number; readonly totalSteps: number } {
    return { step: this.#relay.step, totalSteps: this.#totalSteps };
  }

  #onFirstMedia(): void {
    this.#firstMediaMs = performance.now() - this.#prompt.requestedAt;
    this.#parts.metrics.firstMediaAfter(this.#firstMediaMs);
  }

  #tellCompleted(): void {
    const now = performance.now();
    const firstMedia = this.#firstMediaMs;
    this.#count('completed');
    this.#send({
      type: 'ltx2_segment_complete',
      segment_idx: this.#segmentIdx,
      generation_time_ms: roundMs(now - this.#startedAt),
      e2e_latency_ms: roundMs(now - this.#prompt.requestedAt),
      ...(firstMedia === undefined ? {} : { time_to_first_media_ms: roundMs(firstMedia) }),
      frames: this.#relay.frames,
    });
  }

  #tellCancelled(): void {
    this.#count('cancelled');
    this.#send({ type: 'segment_cancelled', segment_idx: this.#segmentIdx });
  }

  #tellFailed(error: unknown): void {
    if (this.#abandon.signal.aborted) {
      this.#count('abandoned');
      return;
    }
    if (this.#cancel.signal.aborted) {
      this.#tellCancelled();
      return;
    }
    this.#count('failed');
    const fields = { segment_idx: this.#segmentIdx, error: errorMessage(error) };
    this.#parts.logger.error(fields, 'segment failed');
    this.#parts.sendError(segmentError(error));
  }

  #count(outcome: 'completed' | 'cancelled' | 'failed' | 'abandoned'): void {
    this.#parts.metrics.segmentEnded(outcome, performance.now() - this.#startedAt);
    this.#parts.log.write(`segment_${outcome}`, {
      segment_idx: this.#segmentIdx,
      frames: this.#relay.frames,
    });
  }

  #send(frame: ServerFrame): void {
    this.#parts.socket.sendFrame(frame);
  }
}

/** What a client is told about a segment that could not be made: the codes of this side become `worker_failed`. */
function segmentError(error: unknown): FastVideoError {
  const known = toFastVideoError(error);
  if (known.entry.wire && known.code !== 'internal_error') return known;
  return new FastVideoError('worker_failed', known.message, { cause: error, retryable: true });
}
