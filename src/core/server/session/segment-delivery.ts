import type { SegmentEvent, SegmentRun } from '../../pool/pool.ts';
import type { DeliveryProgress } from './delivery-progress.ts';
import type { SegmentFrames, StepEvent } from './segment-frames.ts';
import type { SessionWire } from './session-wire.ts';

/** Sends one segment's media and steps. What has left is in `progress`, also when it is cut off. */
export class SegmentDelivery {
  readonly #wire: SessionWire;
  readonly #frames: SegmentFrames;
  readonly #progress: DeliveryProgress;
  readonly #heldSteps: object[] = [];

  constructor(wire: SessionWire, frames: SegmentFrames, progress: DeliveryProgress) {
    this.#wire = wire;
    this.#frames = frames;
    this.#progress = progress;
  }

  async deliver(run: SegmentRun): Promise<void> {
    for await (const event of run.events) await this.#take(event);
    if (this.#progress.step === 0 && !this.#progress.cancelled) {
      const totalSteps = Math.max(1, run.totalSteps);
      const last = { type: 'step', step: totalSteps, totalSteps, stage: 'denoise' } as const;
      this.#progress.take(last);
      this.#tellStep(last, false);
    }
    const { hasInit, before } = this.#progress;
    if (hasInit && !before.media_complete) this.#wire.sendFrame(this.#frames.mediaComplete(this.#progress));
  }

  async #take(event: SegmentEvent): Promise<void> {
    const wire = this.#wire;
    const framesBefore = this.#progress.frames;
    this.#progress.take(event);
    switch (event.type) {
      case 'step':
        if (event.step > this.#progress.before.steps) {
          this.#tellStep(event, (this.#frames.holdsSteps ?? false) && !this.#progress.hasInit);
        }
        return;
      case 'init':
        wire.sendFrame(this.#frames.mediaInit(event.mime));
        await wire.sendBinary(event.data);
        for (const frame of this.#heldSteps.splice(0)) wire.sendFrame(frame);
        return;
      case 'media':
        await wire.sendBinary(event.data);
        return;
      case 'jpeg':
        if (this.#frames.jpegs) await wire.sendLargeFrame(this.#frames.jpegs(event.files, framesBefore));
        return;
      case 'state':
      case 'done':
        return;
    }
  }

  #tellStep(event: StepEvent, hold: boolean): void {
    const frame = this.#frames.step?.(event);
    if (!frame) return;
    if (hold) this.#heldSteps.push(frame);
    else this.#wire.sendFrame(frame);
  }
}
