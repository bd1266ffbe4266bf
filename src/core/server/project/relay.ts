import type { SegmentEvent, SegmentRun } from '../../pool/pool.ts';
import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import type { DeliveryProgress } from '../delivery-progress.ts';
import type { SessionWire } from '../session-wire.ts';

export interface ProjectRelayContext {
  readonly wire: SessionWire;
  readonly segmentIdx: number;
  readonly streamId: string;
}

/** Sends one segment's media. What has left is in the account, also when it is cut off. */
export class ProjectRelay {
  readonly #context: ProjectRelayContext;
  readonly #account: DeliveryProgress;

  constructor(context: ProjectRelayContext, account: DeliveryProgress) {
    this.#context = context;
    this.#account = account;
  }

  /** False when the segment brought no media at all. */
  async relay(run: SegmentRun): Promise<boolean> {
    for await (const event of run.events) await this.#take(event);
    const { hasInit, before, chunks } = this.#account;
    if (!hasInit) return false;
    const { segmentIdx, streamId } = this.#context;
    if (!before.media_complete) {
      this.#send({ type: 'media_segment_complete', segment_idx: segmentIdx, stream_id: streamId, chunks });
    }
    return true;
  }

  async #take(event: SegmentEvent): Promise<void> {
    const { wire, segmentIdx, streamId } = this.#context;
    this.#account.take(event);
    switch (event.type) {
      case 'init':
        this.#send({
          type: 'media_init',
          segment_idx: segmentIdx,
          mime: event.mime,
          stream_id: streamId,
          mode: 'av_fmp4',
        });
        await wire.sendBinary(event.data);
        return;
      case 'media':
        await wire.sendBinary(event.data);
        return;
      // The client is not told of steps, and JPEG files are not asked for: this dialect has no frame for them.
      case 'step':
      case 'jpeg':
      case 'state':
      case 'done':
        return;
    }
  }

  #send(frame: ProjectServerFrame): void {
    this.#context.wire.sendFrame(frame);
  }
}
