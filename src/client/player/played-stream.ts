import type { Bytes } from '../web-socket.ts';
import { AppendQueue, type KeptMedia } from './append-queue.ts';

interface StreamParts {
  readonly video: HTMLVideoElement;
  readonly source: MediaSource;
  readonly mime: string;
  readonly kept: KeptMedia;
  /** All that was given is in the buffer. */
  readonly drained: () => void;
  readonly failed: (problem: string) => void;
}

/** One MediaSource with its one SourceBuffer. */
export class PlayedStream {
  readonly #source: MediaSource;
  readonly #early: { readonly data: Bytes; readonly mime: string | undefined }[] = [];
  #queue: AppendQueue | undefined;
  #mime: string;
  #ending = false;

  constructor({ video, source, mime, kept, drained, failed }: StreamParts) {
    this.#source = source;
    this.#mime = mime;
    const open = () => {
      const queue = new AppendQueue(source.addSourceBuffer(mime), () => video.currentTime, kept, {
        drained: () => {
          drained();
          this.#endWhenDrained();
        },
        failed,
      });
      this.#queue = queue;
      // Events of a ManagedMediaSource only.
      source.addEventListener('startstreaming', () => queue.hold(false));
      source.addEventListener('endstreaming', () => queue.hold(true));
      for (const { data, mime } of this.#early.splice(0)) this.append(data, mime);
    };
    // `endOfStream` fires `sourceopen` again when media follows: this is for the first one.
    source.addEventListener('sourceopen', open, { once: true });
  }

  /** `mime` comes with an initialization segment. */
  append(data: Bytes, mime?: string): void {
    this.#ending = false;
    if (!this.#queue) {
      this.#early.push({ data, mime });
      return;
    }
    if (mime !== undefined && mime !== this.#mime) {
      this.#mime = mime;
      this.#queue.push({ type: 'changeType', mime });
    }
    this.#queue.push({ type: 'append', data });
  }

  /** The play head moved: there may be room again. */
  played(): void {
    this.#queue?.run();
  }

  /** Nothing more comes for now: the video ends there, and not in a wait. */
  end(): void {
    this.#ending = true;
    this.#endWhenDrained();
  }

  close(): void {
    this.#queue?.close();
  }

  #endWhenDrained(): void {
    if (!this.#ending || !this.#queue?.isDrained || this.#source.readyState !== 'open') return;
    this.#source.endOfStream();
  }
}
