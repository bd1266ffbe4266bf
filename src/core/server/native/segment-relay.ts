import type { Timeline } from '../../media/timeline.ts';
import type { SegmentEvent, SegmentRun } from '../../pool/pool.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import type { ServerFrame } from '../../protocol/native/server-frames.ts';
import type { ClientSocket } from '../client-socket.ts';

export interface RelayContext {
  readonly socket: ClientSocket;
  readonly segmentIdx: number;
  readonly streamId: string;
  /** Whether steps are told after `media_init` only: where frames come while later ones are made. */
  readonly holdSteps: boolean;
  readonly fps: number;
  readonly ptsBaseMs: number;
  /** Called once, when the first media fragment has been handed to the socket. */
  readonly onFirstMedia: () => void;
}

/** Sends one segment's media and steps, and keeps account of what has left, also when it is cut off. */
export class SegmentRelay {
  readonly #context: RelayContext;
  readonly #heldSteps: ServerFrame[] = [];
  #stepsSent = 0;
  #step = 0;
  #initSent = false;
  #chunks = 0;
  #bytes = 0;
  #frames = 0;
  #timeline: Timeline;
  #continuation: ContinuationState | undefined;
  #cancelled = false;

  constructor(context: RelayContext, timeline: Timeline) {
    this.#context = context;
    this.#timeline = timeline;
  }

  /** Where the media that has left ends. */
  get timeline(): Timeline {
    return this.#timeline;
  }

  get continuation(): ContinuationState | undefined {
    return this.#continuation;
  }

  /** Frames of video that have left. */
  get frames(): number {
    return this.#frames;
  }

  get durationMs(): number {
    return roundMs((this.#frames * 1000) / this.#context.fps);
  }

  /** The last step that was told. */
  get step(): number {
    return this.#step;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  async relay(run: SegmentRun): Promise<void> {
    for await (const event of run.events) await this.#take(event);
    if (this.#stepsSent === 0 && !this.#cancelled) {
      const totalSteps = Math.max(1, run.totalSteps);
      this.#sendStep({ type: 'step', step: totalSteps, totalSteps, stage: 'denoise' });
    }
    this.#tellEndOfMedia();
  }

  async #take(event: SegmentEvent): Promise<void> {
    const { socket, segmentIdx, streamId, holdSteps } = this.#context;
    switch (event.type) {
      case 'step':
        this.#sendStep(event, holdSteps && !this.#initSent);
        return;
      case 'init':
        socket.sendFrame({
          type: 'media_init',
          segment_idx: segmentIdx,
          mime: event.mime,
          stream_id: streamId,
          mode: 'av_fmp4',
        } satisfies ServerFrame);
        await socket.sendBinary(event.data);
        this.#initSent = true;
        for (const frame of this.#heldSteps.splice(0)) socket.sendFrame(frame);
        return;
      case 'media':
        this.#chunks += 1;
        this.#bytes += event.data.length;
        this.#frames += event.frames;
        this.#timeline = event.timeline;
        if (this.#chunks === 1) this.#context.onFirstMedia();
        await socket.sendBinary(event.data);
        return;
      case 'jpeg':
        await this.#sendJpegs(event.files);
        this.#timeline = event.timeline;
        return;
      case 'state':
        this.#continuation = event.state;
        return;
      case 'done':
        this.#timeline = event.timeline;
        this.#cancelled = event.cancelled;
        return;
    }
  }

  async #sendJpegs(files: readonly Uint8Array[]): Promise<void> {
    const { socket, segmentIdx } = this.#context;
    const first = this.#frames;
    this.#frames += files.length;
    if (first === 0) this.#context.onFirstMedia();
    await socket.sendLargeFrame({
      type: 'frame_batch',
      segment_idx: segmentIdx,
      frames: files.map((file) => Buffer.from(file).toString('base64')),
      start_frame: first,
    } satisfies ServerFrame);
  }

  #sendStep(event: Extract<SegmentEvent, { type: 'step' }>, hold = false): void {
    this.#stepsSent += 1;
    this.#step = event.step;
    const frame: ServerFrame = {
      type: 'step_complete',
      segment_idx: this.#context.segmentIdx,
      step: event.step,
      total_steps: event.totalSteps,
      stage: event.stage,
    };
    if (hold) this.#heldSteps.push(frame);
    else this.#context.socket.sendFrame(frame);
  }

  #tellEndOfMedia(): void {
    if (!this.#initSent) return;
    this.#context.socket.sendFrame({
      type: 'media_segment_complete',
      segment_idx: this.#context.segmentIdx,
      stream_id: this.#context.streamId,
      chunks: this.#chunks,
      duration_ms: this.durationMs,
      pts_base_ms: roundMs(this.#context.ptsBaseMs),
      bytes: this.#bytes,
    } satisfies ServerFrame);
  }
}

/** To a microsecond: sums of durations must not show their rounding errors. */
export function roundMs(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
