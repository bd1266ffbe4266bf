import type { SegmentEvent, SegmentRun } from '../../pool/pool.ts';
import type { ServerFrame } from '../../protocol/native/server-frames.ts';
import type { DeliveryProgress } from '../delivery-progress.ts';
import { roundMs } from '../round-ms.ts';
import type { SessionWire } from '../session-wire.ts';

export interface RelayContext {
  readonly wire: SessionWire;
  readonly segmentIdx: number;
  readonly streamId: string;
  /** Whether steps are told after `media_init` only: where frames come while later ones are made. */
  readonly holdSteps: boolean;
  readonly fps: number;
  readonly ptsBaseMs: number;
}

/** Sends one segment's media and steps. What has left is in the account, also when it is cut off. */
export class SegmentRelay {
  readonly #context: RelayContext;
  readonly #account: DeliveryProgress;
  readonly #heldSteps: ServerFrame[] = [];

  constructor(context: RelayContext, account: DeliveryProgress) {
    this.#context = context;
    this.#account = account;
  }

  get durationMs(): number {
    return roundMs((this.#account.frames * 1000) / this.#context.fps);
  }

  async relay(run: SegmentRun): Promise<void> {
    for await (const event of run.events) await this.#take(event);
    if (this.#account.step === 0 && !this.#account.cancelled) {
      const totalSteps = Math.max(1, run.totalSteps);
      const last = { type: 'step', step: totalSteps, totalSteps, stage: 'denoise' } as const;
      this.#account.take(last);
      this.#sendStep(last, false);
    }
    this.#tellEndOfMedia();
  }

  async #take(event: SegmentEvent): Promise<void> {
    const { wire, segmentIdx, streamId, holdSteps } = this.#context;
    const framesBefore = this.#account.frames;
    this.#account.take(event);
    switch (event.type) {
      case 'step':
        if (event.step > this.#account.before.steps) {
          this.#sendStep(event, holdSteps && !this.#account.hasInit);
        }
        return;
      case 'init':
        wire.sendFrame({
          type: 'media_init',
          segment_idx: segmentIdx,
          mime: event.mime,
          stream_id: streamId,
          mode: 'av_fmp4',
        } satisfies ServerFrame);
        await wire.sendBinary(event.data);
        for (const frame of this.#heldSteps.splice(0)) wire.sendFrame(frame);
        return;
      case 'media':
        await wire.sendBinary(event.data);
        return;
      case 'jpeg':
        await wire.sendLargeFrame({
          type: 'frame_batch',
          segment_idx: segmentIdx,
          frames: event.files.map((file) => Buffer.from(file).toString('base64')),
          start_frame: framesBefore,
        } satisfies ServerFrame);
        return;
      case 'state':
      case 'done':
        return;
    }
  }

  #sendStep({ step, totalSteps, stage }: Extract<SegmentEvent, { type: 'step' }>, hold: boolean): void {
    const frame: ServerFrame = {
      type: 'step_complete',
      segment_idx: this.#context.segmentIdx,
      step,
      total_steps: totalSteps,
      stage,
    };
    if (hold) this.#heldSteps.push(frame);
    else this.#context.wire.sendFrame(frame);
  }

  #tellEndOfMedia(): void {
    const { hasInit, before, chunks, bytes } = this.#account;
    if (!hasInit || before.media_complete) return;
    this.#context.wire.sendFrame({
      type: 'media_segment_complete',
      segment_idx: this.#context.segmentIdx,
      stream_id: this.#context.streamId,
      chunks,
      duration_ms: this.durationMs,
      pts_base_ms: roundMs(this.#context.ptsBaseMs),
      bytes,
    } satisfies ServerFrame);
  }
}
