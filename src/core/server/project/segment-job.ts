import { errorMessage, FastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { GenerationRequest } from '../../generators/generator.ts';
import type { Timeline } from '../../media/timeline.ts';
import type { Pool } from '../../pool/pool.ts';
import type { AlreadySent } from '../../protocol/checkpoint.ts';
import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import type { ProjectSegment } from '../../sessions/project/project-state.ts';
import { type ProjectSegmentOutcome, segmentStartFrames } from '../../sessions/project/segment-steps.ts';
import type { SessionLog } from '../../sessions/session-log.ts';
import { DeliveryProgress, sentOf } from '../delivery-progress.ts';
import type { ServerMetrics } from '../metrics.ts';
import { roundMs } from '../round-ms.ts';
import type { SessionWire } from '../session-wire.ts';
import { segmentError } from './project-error.ts';
import { ProjectRelay } from './relay.ts';

/** What a segment is made with; the session fills it in. */
export interface ProjectJobParts {
  readonly pool: Pool;
  readonly metrics: ServerMetrics;
  readonly wire: SessionWire;
  /** Names the session's binding to a worker. */
  readonly bindingId: string;
  readonly log: SessionLog;
  readonly logger: Logger;
  /** Tells the client that the segment begins. */
  readonly tellStart: (frames: readonly ProjectServerFrame[]) => void;
  /** Counts and logs the error; what the client is told of it. */
  readonly errorFrame: (error: FastVideoError) => ProjectServerFrame;
}

export interface ProjectJobRequest {
  readonly segment: ProjectSegment;
  readonly streamId: string;
  readonly timeline: Timeline;
  readonly generation: GenerationRequest;
  /** Whether the client was told that it begins: another replica began it. */
  readonly told: boolean;
  /** What the client has of it already. */
  readonly alreadySent: AlreadySent | undefined;
}

/** What a segment leaves behind, and how the client is told of it once the session's state holds it. */
export interface ProjectSegmentEnd {
  readonly outcome: ProjectSegmentOutcome;
  readonly frames: readonly ProjectServerFrame[];
}

/** One segment from the choice of its prompt to its outcome: told to the client, counted and logged. */
export class ProjectSegmentJob {
  readonly #parts: ProjectJobParts;
  readonly #request: ProjectJobRequest;
  readonly #account: DeliveryProgress;
  readonly #relay: ProjectRelay;
  readonly #abandon = new AbortController();
  readonly #startedAt = performance.now();
  #totalSteps = 0;
  /** Never rejects. */
  readonly ended: Promise<ProjectSegmentEnd>;

  constructor(parts: ProjectJobParts, request: ProjectJobRequest) {
    this.#parts = parts;
    this.#request = request;
    const { segment, streamId, timeline, alreadySent } = request;
    const onFirstMedia = () => {
      parts.metrics.firstMediaAfter(performance.now() - (segment.receivedAt ?? this.#startedAt));
    };
    this.#account = new DeliveryProgress(timeline, alreadySent, onFirstMedia);
    const context = { wire: parts.wire, segmentIdx: segment.segmentIdx, streamId };
    this.#relay = new ProjectRelay(context, this.#account);
    this.ended = this.#run();
  }

  /** Stops it at once: nobody waits for it any more. */
  abandon(): void {
    this.#abandon.abort(new FastVideoError('interrupted', 'The client disconnected.'));
  }

  /** How far it is. */
  get progress(): { readonly step: number; readonly totalSteps: number } {
    return { step: this.#account.step, totalSteps: this.#totalSteps };
  }

  async #run(): Promise<ProjectSegmentEnd> {
    const { pool, bindingId, log, wire } = this.#parts;
    const { segment, generation, timeline, alreadySent } = this.#request;
    let started = this.#request.told || (alreadySent?.started ?? false);
    let completed = false;
    let frames: ProjectServerFrame[];
    try {
      const sent = sentOf(alreadySent);
      const run = await pool.run(
        bindingId,
        { generation, timeline, streamMode: 'av_fmp4', ...(sent ? { sent } : {}) },
        // Segments of this dialect are never cancelled, they end or are abandoned.
        { cancel: new AbortController().signal, abandon: this.#abandon.signal },
      );
      this.#totalSteps = run.totalSteps;
      log.write('segment_start', {
        segment_idx: segment.segmentIdx,
        prompt: segment.prompt,
        source: segment.source,
      });
      if (!started) this.#parts.tellStart(segmentStartFrames(segment));
      started = true;
      const runningFrom = performance.now();
      if (!(await this.#relay.relay(run))) {
        throw new FastVideoError('worker_failed', 'The worker ended the segment without any media.');
      }
      // What comes now is told apart from the end of the media.
      wire.flush();
      completed = true;
      frames = this.#completed(performance.now() - runningFrom);
    } catch (error) {
      frames = this.#failed(error);
    }
    const { timeline: end, continuation } = this.#account;
    const outcome = { started, completed, timeline: end, ...(continuation ? { continuation } : {}) };
    return { outcome, frames };
  }

  #completed(workerMs: number): ProjectServerFrame[] {
    const { segmentIdx, totalSegments } = this.#request.segment;
    const totalMs = performance.now() - this.#startedAt;
    this.#count('completed');
    const latency_ms = {
      total: roundMs(totalMs),
      worker_e2e: roundMs(workerMs),
      main_user_step: roundMs(totalMs),
      overhead: roundMs(totalMs - workerMs),
    };
    return [
      { type: 'step_complete', latency_ms },
      { type: 'ltx2_segment_complete', segment_idx: segmentIdx, total_segments: totalSegments },
    ];
  }

  #failed(error: unknown): ProjectServerFrame[] {
    if (this.#abandon.signal.aborted) {
      this.#count('abandoned');
      return [];
    }
    this.#count('failed');
    const fields = { segment_idx: this.#request.segment.segmentIdx, error: errorMessage(error) };
    this.#parts.logger.error(fields, 'segment failed');
    return [this.#parts.errorFrame(segmentError(error))];
  }

  #count(outcome: 'completed' | 'failed' | 'abandoned'): void {
    this.#parts.metrics.segmentEnded(outcome, performance.now() - this.#startedAt);
    this.#parts.log.write(`segment_${outcome}`, {
      segment_idx: this.#request.segment.segmentIdx,
      frames: this.#account.frames,
    });
  }
}
