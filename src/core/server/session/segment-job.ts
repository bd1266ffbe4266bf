import { errorMessage, FastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { type PromptChange, SteeringInbox, type SteeringStep } from '../../generators/steering.ts';
import type { Timeline } from '../../media/timeline.ts';
import type { Pool } from '../../pool/pool.ts';
import type { AlreadySent } from '../../protocol/checkpoint.ts';
import type { SegmentOutcome } from '../../sessions/segment-outcome.ts';
import type { SessionLog } from '../../sessions/session-log.ts';
import type { ServerMetrics } from '../metrics.ts';
import { roundMs } from '../round-ms.ts';
import { progressFrom, sentOf } from './delivery-progress.ts';
import type { SegmentPlan } from './dialect.ts';
import { segmentError } from './prompt-errors.ts';
import { SegmentDelivery } from './segment-delivery.ts';
import type { SegmentTimes } from './segment-frames.ts';
import type { SessionWire } from './session-wire.ts';
import type { ViewerClock } from './viewer-clock.ts';

/** What a segment is made with; the session fills it in. */
export interface SegmentJobParts {
  readonly pool: Pool;
  readonly metrics: ServerMetrics;
  readonly wire: SessionWire;
  /** Names the session's binding to a worker. */
  readonly bindingId: string;
  readonly log: SessionLog;
  readonly logger: Logger;
  /** Tells the client that the segment begins. */
  readonly tellStart: (frames: readonly object[]) => void;
  /** Tells the client that a change of the prompt has effect. */
  readonly tellSteered: (step: SteeringStep, frames: readonly object[]) => void;
}

export interface SegmentJobRequest {
  readonly segmentIdx: number;
  readonly plan: SegmentPlan;
  /** Where the media before it ends. */
  readonly timeline: Timeline;
  /** Whether the client was told that it begins: another replica began it. */
  readonly told: boolean;
  /** What the client has of it already. */
  readonly alreadySent: AlreadySent | undefined;
  /** Set where media is made no faster than it plays. */
  readonly viewer: ViewerClock | undefined;
}

/** What a segment leaves behind, and how the client is told of it once the session's state holds it. */
export interface SegmentEnd {
  readonly outcome: SegmentOutcome;
  readonly frames: readonly (object | FastVideoError)[];
}

/** One segment from the choice of its prompt to its outcome: told to the client, counted and logged. */
export class SegmentJob {
  readonly #parts: SegmentJobParts;
  readonly #request: SegmentJobRequest;
  readonly #delivery: SegmentDelivery;
  readonly #cancel = new AbortController();
  readonly #abandon = new AbortController();
  readonly #steering = new SteeringInbox();
  #change: PromptChange | undefined;
  readonly #begunAt = performance.now();
  readonly #requestedAt: number;
  /** Where this run's media begins, in milliseconds of the session's media. */
  readonly #mediaStartMs: number;
  #firstMediaMs: number | undefined;
  #cancelWanted = false;
  #totalSteps = 0;
  /** Never rejects. */
  readonly ended: Promise<SegmentEnd>;

  constructor(parts: SegmentJobParts, request: SegmentJobRequest) {
    this.#parts = parts;
    this.#request = request;
    this.#requestedAt = request.plan.requestedAt ?? this.#begunAt;
    const { plan, timeline, alreadySent } = request;
    this.#delivery = new SegmentDelivery(
      {
        wire: parts.wire,
        frames: plan.frames,
        onFirstMedia: () => this.#onFirstMedia(),
        onSteered: (step) => parts.tellSteered(step, [plan.frames.steered(step)]),
      },
      progressFrom(timeline, alreadySent),
    );
    this.#mediaStartMs = (this.#delivery.progress.timeline.videoFrames * 1000) / plan.generation.fps;
    this.ended = this.#run();
  }

  /** Ends it at the next frame, but not before what the client has; what was made is still sent. */
  cancel(): void {
    this.#cancelWanted = true;
    const { frames, before } = this.#delivery.progress;
    if (before.frames > 0 && frames === before.frames) return;
    this.#cancel.abort(new FastVideoError('interrupted', 'The segment was cancelled.'));
  }

  /** Changes its words; the same object a second time means nothing new. */
  steer(change: PromptChange): void {
    if (change === this.#change) return;
    this.#change = change;
    this.#steering.offer({ prompt: change.prompt, transitionMs: change.transitionMs });
  }

  /** Stops it at once: nobody waits for it any more. */
  abandon(): void {
    this.#abandon.abort(new FastVideoError('interrupted', 'The client disconnected.'));
  }

  /** How far it is. */
  get progress(): { readonly step: number; readonly totalSteps: number } {
    return { step: this.#delivery.progress.step, totalSteps: this.#totalSteps };
  }

  async #run(): Promise<SegmentEnd> {
    const { pool, bindingId, log, wire, tellStart } = this.#parts;
    const { segmentIdx, plan, timeline, told, alreadySent, viewer } = this.#request;
    const { generation, streamMode, frames: writer } = plan;
    let started = told || (alreadySent?.started ?? false);
    let completed = false;
    let frames: SegmentEnd['frames'];
    try {
      const sent = sentOf(alreadySent);
      const run = await pool.run(
        bindingId,
        {
          generation,
          timeline,
          streamMode,
          ...(sent ? { sent } : {}),
          ...(viewer ? { pace: { aheadMs: viewer.aheadMs(this.#mediaStartMs) } } : {}),
        },
        { cancel: this.#cancel.signal, abandon: this.#abandon.signal, steering: this.#steering },
      );
      this.#totalSteps = run.totalSteps;
      log.write('segment_start', { segment_idx: segmentIdx, ...plan.logged });
      if (!started) tellStart(writer.started(run.totalSteps));
      started = true;
      const runBegunAt = performance.now();
      await this.#delivery.deliver(run);
      const { hasInit, cancelled } = this.#delivery.progress;
      if (plan.needsMedia && !hasInit) {
        throw new FastVideoError('worker_failed', 'The worker ended the segment without any media.');
      }
      // What comes now is told apart from the end of the media.
      wire.flush();
      completed = !cancelled;
      frames = completed ? this.#completed(runBegunAt) : this.#cancelled();
    } catch (error) {
      frames = this.#failed(error);
    }
    const { timeline: end, continuation, frames: sentFrames } = this.#delivery.progress;
    const durationMs = roundMs((sentFrames * 1000) / generation.fps);
    const outcome = {
      started,
      completed,
      timeline: end,
      durationMs,
      ...(continuation ? { continuation } : {}),
    };
    return { outcome, frames };
  }

  #onFirstMedia(): void {
    this.#request.viewer?.mediaLeaves(this.#mediaStartMs);
    this.#firstMediaMs = performance.now() - this.#requestedAt;
    this.#parts.metrics.firstMediaAfter(this.#firstMediaMs);
    if (this.#cancelWanted) this.cancel();
  }

  #completed(runBegunAt: number): readonly object[] {
    const now = performance.now();
    const times: SegmentTimes = {
      totalMs: now - this.#begunAt,
      runMs: now - runBegunAt,
      sinceRequestMs: now - this.#requestedAt,
      firstMediaMs: this.#firstMediaMs,
    };
    this.#count('completed');
    return this.#request.plan.frames.completed(times, this.#delivery.progress);
  }

  #cancelled(): readonly object[] {
    this.#count('cancelled');
    const frame = this.#request.plan.frames.cancelled?.();
    return frame ? [frame] : [];
  }

  #failed(error: unknown): SegmentEnd['frames'] {
    if (this.#abandon.signal.aborted) {
      this.#count('abandoned');
      return [];
    }
    if (this.#cancelWanted) return this.#cancelled();
    this.#count('failed');
    const bug = error instanceof FastVideoError || !(error instanceof Error) ? {} : { stack: error.stack };
    const fields = { segment_idx: this.#request.segmentIdx, error: errorMessage(error), ...bug };
    this.#parts.logger.error(fields, 'segment failed');
    const { segmentIdx, plan } = this.#request;
    return [segmentError(error).concerning({ ...plan.asked, segment_idx: segmentIdx })];
  }

  #count(outcome: 'completed' | 'cancelled' | 'failed' | 'abandoned'): void {
    const totalMs = performance.now() - this.#begunAt;
    const { frames, bytes } = this.#delivery.progress;
    this.#parts.metrics.segmentEnded(outcome, totalMs);
    this.#parts.log.write(`segment_${outcome}`, {
      segment_idx: this.#request.segmentIdx,
      frames,
      bytes,
      total_ms: roundMs(totalMs),
      ...(this.#firstMediaMs === undefined ? {} : { first_media_ms: roundMs(this.#firstMediaMs) }),
    });
  }
}
