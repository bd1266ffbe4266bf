import type { Timeline } from '../../media/timeline.ts';
import type { SegmentEvent, SegmentRequest } from '../../pool/pool.ts';
import { type AlreadySent, nothingSent } from '../../protocol/checkpoint.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';

/** What of one segment has left, also when it is cut off. */
export class DeliveryProgress {
  /** What had left before this run: another replica began the segment. */
  readonly before: AlreadySent;
  readonly #onFirstMedia: () => void;
  #step: number;
  #chunks: number;
  #bytes: number;
  #frames: number;
  #initTaken = false;
  #mediaTaken = false;
  #timeline: Timeline;
  #continuation: ContinuationState | undefined;
  #cancelled = false;

  /** `timeline` is where the media before the segment ends; `onFirstMedia` is called once, at this run's first media. */
  constructor(timeline: Timeline, before: AlreadySent = nothingSent(0), onFirstMedia: () => void = () => {}) {
    this.before = before;
    this.#onFirstMedia = onFirstMedia;
    this.#step = before.steps;
    this.#chunks = before.chunks;
    this.#bytes = before.bytes;
    this.#frames = before.frames;
    this.#timeline = timelineAfter(timeline, before);
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

  /** Media fragments that have left, in so many binary messages. */
  get chunks(): number {
    return this.#chunks;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The last step that the generator reported. */
  get step(): number {
    return this.#step;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Whether an initialization segment came in this run. */
  get initTaken(): boolean {
    return this.#initTaken;
  }

  /** Whether the client has an initialization segment, from this run or before it. */
  get hasInit(): boolean {
    return this.#initTaken || this.before.init;
  }

  /** What the event brings is as good as sent. */
  take(event: SegmentEvent): void {
    switch (event.type) {
      case 'step':
        this.#step = Math.max(this.#step, event.step);
        return;
      case 'init':
        this.#initTaken = true;
        return;
      case 'media':
        this.#chunks += 1;
        this.#bytes += event.data.length;
        this.#takeMedia(event.frames, event.timeline);
        return;
      case 'jpeg':
        this.#takeMedia(event.files.length, event.timeline);
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

  #takeMedia(frames: number, timeline: Timeline): void {
    this.#frames += frames;
    this.#timeline = timeline;
    if (this.#mediaTaken) return;
    this.#mediaTaken = true;
    this.#onFirstMedia();
  }
}

/** What the pool is to leave out; undefined when nothing was sent. */
export function sentOf(before: AlreadySent | undefined): SegmentRequest['sent'] {
  if (!before || (before.frames === 0 && before.audio_end === null)) return undefined;
  return { frames: before.frames, ...(before.audio_end === null ? {} : { nextSample: before.audio_end }) };
}

/** Where the media that was sent ends. A segment that is cut off there has no sound to go on with, like one that this process began. */
export function timelineAfter(
  { videoFrames, audio }: Timeline,
  { frames, audio_end: end }: AlreadySent,
): Timeline {
  const carry = end === null ? audio : { nextSample: end, tailStart: end, tail: new Float32Array(0) };
  return { videoFrames: videoFrames + frames, ...(carry ? { audio: carry } : {}) };
}
