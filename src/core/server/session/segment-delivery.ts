import type { SteeringStep } from '../../generators/steering.ts';
import type { SegmentEvent, SegmentRun } from '../../pool/pool.ts';
import { type DeliveryProgress, progressed } from './delivery-progress.ts';
import type { SegmentFrames, StepEvent } from './segment-frames.ts';
import type { SessionWire } from './session-wire.ts';

interface DeliveryParts {
  readonly wire: SessionWire;
  readonly frames: SegmentFrames;
  /** Called once, before this run's first media is sent. */
  readonly onFirstMedia: () => void;
  /** A change of the prompt has effect. */
  readonly onSteered: (step: SteeringStep) => void;
}

/** Sends one segment's media and steps. What has left is in `progress`, also when it is cut off. */
export class SegmentDelivery {
  readonly #parts: DeliveryParts;
  readonly #heldSteps: object[] = [];
  #progress: DeliveryProgress;
  #hasMedia = false;

  constructor(parts: DeliveryParts, begin: DeliveryProgress) {
    this.#parts = parts;
    this.#progress = begin;
  }

  get progress(): DeliveryProgress {
    return this.#progress;
  }

  async deliver(run: SegmentRun): Promise<void> {
    for await (const event of run.events) await this.#take(event);
    if (this.#progress.step === 0 && !this.#progress.cancelled) {
      const totalSteps = Math.max(1, run.totalSteps);
      const last = { type: 'step', step: totalSteps, totalSteps, stage: 'denoise' } as const;
      this.#progress = progressed(this.#progress, last);
      this.#tellStep(last, false);
    }
    const { wire, frames } = this.#parts;
    const { hasInit, before } = this.#progress;
    if (hasInit && !before.media_complete) wire.sendFrame(frames.mediaComplete(this.#progress));
  }

  async #take(event: SegmentEvent): Promise<void> {
    const { wire, frames } = this.#parts;
    const framesBefore = this.#progress.frames;
    this.#progress = progressed(this.#progress, event);
    switch (event.type) {
      case 'step':
        if (event.step > this.#progress.before.steps) {
          this.#tellStep(event, (frames.holdsSteps ?? false) && !this.#progress.hasInit);
        }
        return;
      case 'steered': {
        const { type: _, ...step } = event;
        this.#parts.onSteered(step);
        return;
      }
      case 'init':
        wire.sendFrame(frames.mediaInit(event.mime));
        await wire.sendBinary(event.data);
        for (const frame of this.#heldSteps.splice(0)) wire.sendFrame(frame);
        return;
      case 'media':
        this.#mediaComes();
        await wire.sendBinary(event.data);
        return;
      case 'jpeg':
        this.#mediaComes();
        if (frames.jpegs) await wire.sendLargeFrame(frames.jpegs(event.files, framesBefore));
        return;
      case 'state':
      case 'done':
        return;
    }
  }

  #mediaComes(): void {
    if (this.#hasMedia) return;
    this.#hasMedia = true;
    this.#parts.onFirstMedia();
  }

  #tellStep(event: StepEvent, hold: boolean): void {
    const frame = this.#parts.frames.step?.(event);
    if (!frame) return;
    if (hold) this.#heldSteps.push(frame);
    else this.#parts.wire.sendFrame(frame);
  }
}
