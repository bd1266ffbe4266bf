import { errorMessage, FastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { GenerationRequest } from '../../generators/generator.ts';
import type { Timeline } from '../../media/timeline.ts';
import type { Pool } from '../../pool/pool.ts';
import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import type { ProjectSegment } from '../../sessions/project/project-state.ts';
import { type ProjectSegmentOutcome, segmentStartFrames } from '../../sessions/project/segment-steps.ts';
import type { SessionLog } from '../../sessions/session-log.ts';
import type { ClientSocket } from '../client-socket.ts';
import type { ServerMetrics } from '../metrics.ts';
import { roundMs } from '../native/segment-relay.ts';
import { segmentError } from './project-error.ts';
import { ProjectRelay } from './relay.ts';

/** What a segment is made with; the session fills it in. */
export interface ProjectJobParts {
  readonly pool: Pool;
  readonly metrics: ServerMetrics;
  readonly socket: ClientSocket;
  /** Names the session's binding to a worker. */
  readonly bindingId: string;
  readonly log: SessionLog;
  readonly logger: Logger;
  readonly sendError: (error: FastVideoError) => void;
}

export interface ProjectJobRequest {
  readonly segment: ProjectSegment;
  readonly streamId: string;
  readonly timeline: Timeline;
  readonly generation: GenerationRequest;
}

/** One segment from the choice of its prompt to its outcome: told to the client, counted and logged. */
export class ProjectSegmentJob {
  readonly #parts: ProjectJobParts;
  readonly #request: ProjectJobRequest;
  readonly #relay: ProjectRelay;
  readonly #abandon = new AbortController();
  readonly #startedAt = performance.now();
  #totalSteps = 0;
  /** Resolves with what the segment leaves behind. Never rejects. */
  readonly ended: Promise<ProjectSegmentOutcome>;

  constructor(parts: ProjectJobParts, request: ProjectJobRequest) {
    this.#parts = parts;
    this.#request = request;
    const { segment, streamId, timeline } = request;
    const onFirstMedia = () => {
      parts.metrics.firstMediaAfter(performance.now() - (segment.receivedAt ?? this.#startedAt));
    };
    const { socket } = parts;
    const context = { socket, segmentIdx: segment.segmentIdx, streamId, onFirstMedia };
    this.#relay = new ProjectRelay(context, timeline);
    this.ended = this.#run();
  }

  /** Stops it at once: nobody waits for it any more. */
  abandon(): void {
    this.#abandon.abort(new FastVideoError('interrupted', 'The client has gone.'));
  }

  /** How far it is. */
  get progress(): { readonly step: number; readonly totalSteps: number } {
    return { step: this.#relay.step, totalSteps: this.#totalSteps };
  }

  async #run(): Promise<ProjectSegmentOutcome> {
    const { pool, bindingId, log } = this.#parts;
    const { segment, generation, timeline } = this.#request;
    let started = false;
    let completed = false;
    try {
      const run = await pool.run(
        bindingId,
        { generation, timeline, streamMode: 'av_fmp4' },
        // Segments of this dialect are never cancelled, they end or are abandoned.
        { cancel: new AbortController().signal, abandon: this.#abandon.signal },
      );
      this.#totalSteps = run.totalSteps;
      log.write('segment_start', {
        segment_idx: segment.segmentIdx,
        prompt: segment.prompt,
        source: segment.source,
      });
      for (const frame of segmentStartFrames(segment)) this.#send(frame);
      started = true;
      const runningFrom = performance.now();
      if (!(await this.#relay.relay(run))) {
        throw new FastVideoError('worker_failed', 'The worker ended the segment without any media.');
      }
      completed = true;
      this.#tellCompleted(performance.now() - runningFrom);
    } catch (error) {
      this.#tellFailed(error);
    }
    const { timeline: end, continuation } = this.#relay;
    return { started, completed, timeline: end, ...(continuation ? { continuation } : {}) };
  }

  #tellCompleted(workerMs: number): void {
    const { segmentIdx, totalSegments } = this.#request.segment;
    const totalMs = performance.now() - this.#startedAt;
    this.#count('completed');
    this.#send({
      type: 'step_complete',
      latency_ms: {
        total: roundMs(totalMs),
        worker_e2e: roundMs(workerMs),
        main_user_step: roundMs(totalMs),
        overhead: roundMs(totalMs - workerMs),
      },
    });
    this.#send({ type: 'ltx2_segment_complete', segment_idx: segmentIdx, total_segments: totalSegments });
  }

  #tellFailed(error: unknown): void {
    if (this.#abandon.signal.aborted) {
      this.#count('abandoned');
      return;
    }
    this.#count('failed');
    const fields = { segment_idx: this.#request.segment.segmentIdx, error: errorMessage(error) };
    this.#parts.logger.error(fields, 'segment failed');
    this.#parts.sendError(segmentError(error));
  }

  #count(outcome: 'completed' | 'failed' | 'abandoned'): void {
    this.#parts.metrics.segmentEnded(outcome, performance.now() - this.#startedAt);
    this.#parts.log.write(`segment_${outcome}`, {
      segment_idx: this.#request.segment.segmentIdx,
      frames: this.#relay.frames,
    });
  }

  #send(frame: ProjectServerFrame): void {
    this.#parts.socket.sendFrame(frame);
  }
}
