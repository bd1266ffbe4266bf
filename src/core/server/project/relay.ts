import type { Timeline } from '../../media/timeline.ts';
import type { SegmentEvent, SegmentRun } from '../../pool/pool.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import type { ClientSocket } from '../client-socket.ts';

export interface ProjectRelayContext {
  readonly socket: ClientSocket;
  readonly segmentIdx: number;
  readonly streamId: string;
  /** Called once, when the first media fragment is handed to the socket. */
  readonly onFirstMedia: () => void;
}

/** Sends one segment's media, and keeps account of what has left, also when it is cut off. */
export class ProjectRelay {
  readonly #context: ProjectRelayContext;
  #step = 0;
  #chunks = 0;
  #frames = 0;
  #initSent = false;
  #timeline: Timeline;
  #continuation: ContinuationState | undefined;

  constructor(context: ProjectRelayContext, timeline: Timeline) {
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

  /** The last step that the generator reported; the client is not told. */
  get step(): number {
    return this.#step;
  }

  /** False when the run brought no media at all. */
  async relay(run: SegmentRun): Promise<boolean> {
    for await (const event of run.events) await this.#take(event);
    if (!this.#initSent) return false;
    const { segmentIdx, streamId } = this.#context;
    this.#send({
      type: 'media_segment_complete',
      segment_idx: segmentIdx,
      stream_id: streamId,
      chunks: this.#chunks,
    });
    return true;
  }

  async #take(event: SegmentEvent): Promise<void> {
    const { socket, segmentIdx, streamId } = this.#context;
    switch (event.type) {
      case 'step':
        this.#step = event.step;
        return;
      case 'init':
        this.#initSent = true;
        this.#send({
          type: 'media_init',
          segment_idx: segmentIdx,
          mime: event.mime,
          stream_id: streamId,
          mode: 'av_fmp4',
        });
        await socket.sendBinary(event.data);
        return;
      case 'media':
        this.#chunks += 1;
        this.#frames += event.frames;
        this.#timeline = event.timeline;
        if (this.#chunks === 1) this.#context.onFirstMedia();
        await socket.sendBinary(event.data);
        return;
      case 'jpeg':
        // Not asked for: this dialect has no frame for it.
        return;
      case 'state':
        this.#continuation = event.state;
        return;
      case 'done':
        this.#timeline = event.timeline;
        return;
    }
  }

  #send(frame: ProjectServerFrame): void {
    this.#context.socket.sendFrame(frame);
  }
}
