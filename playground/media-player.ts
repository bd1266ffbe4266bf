import type { Bytes } from '../src/client/web-socket.ts';
import { AppendQueue } from './append-queue.ts';
import { jumpTarget } from './buffered-range.ts';
import { mediaSourceClass } from './media-source.ts';
import { rangesOf } from './time-ranges.ts';

interface PlayerEvents {
  /** The browser lets it play only without sound. */
  playsMuted(): void;
  /** One sentence about media that cannot be shown. */
  failed(sentence: string): void;
}

/**
 * Plays fragmented MP4 in a `<video>` while it arrives. Waiting at the end of the buffer for the next segment is
 * the normal case and no error.
 */
export class MediaPlayer {
  readonly #video: HTMLVideoElement;
  readonly #events: PlayerEvents;
  #stream: PlayedStream | undefined;
  #restartWanted = false;

  constructor(video: HTMLVideoElement, events: PlayerEvents) {
    this.#video = video;
    this.#events = events;
    video.disableRemotePlayback = true;
    video.addEventListener('timeupdate', () => this.#stream?.played());
    video.addEventListener('waiting', () => this.#stream?.played());
    video.addEventListener('error', () => {
      const { error } = video;
      // Taking the source away is no fault of the media.
      if (error && this.#stream) this.#fail(error.message || `media error ${error.code}`);
    });
  }

  /** The next initialization segment begins a timeline of its own. What is there plays until then. */
  restart(): void {
    this.#restartWanted = true;
  }

  init(data: Bytes, mime: string): void {
    if (this.#restartWanted || !this.#stream) this.#begin(mime);
    this.#stream?.append(data, mime);
  }

  media(data: Bytes): void {
    this.#stream?.append(data);
  }

  /** Nothing more comes until the next `restart`. */
  end(): void {
    this.#stream?.end();
  }

  #begin(mime: string): void {
    this.#restartWanted = false;
    this.#stream?.close();
    this.#stream = undefined;
    const Source = mediaSourceClass();
    if (!Source) {
      this.#events.failed(
        'This browser has no MediaSource, so it cannot play live video. Downloading still works.',
      );
      return;
    }
    if (!Source.isTypeSupported(mime)) {
      this.#events.failed(
        `This browser cannot play ${mime}. Downloading still works; play the file in another player.`,
      );
      return;
    }
    const source = new Source();
    const address = URL.createObjectURL(source);
    source.addEventListener('sourceopen', () => URL.revokeObjectURL(address), { once: true });
    this.#stream = new PlayedStream(this.#video, source, mime, (problem) => this.#fail(problem));
    this.#video.src = address;
    this.#video.addEventListener('loadeddata', () => void this.#play(), { once: true });
  }

  async #play(): Promise<void> {
    try {
      await this.#video.play();
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      // AbortError: the source was changed meanwhile.
      if (error.name !== 'NotAllowedError' || this.#video.muted) return;
      this.#video.muted = true;
      this.#events.playsMuted();
      await this.#play();
    }
  }

  #fail(problem: string): void {
    this.#stream?.close();
    this.#stream = undefined;
    this.#restartWanted = true;
    this.#events.failed(`The video cannot be played: ${problem} The downloaded file still contains it.`);
  }
}

/** One MediaSource with its one SourceBuffer. */
class PlayedStream {
  readonly #video: HTMLVideoElement;
  readonly #source: MediaSource;
  readonly #early: { readonly data: Bytes; readonly mime: string | undefined }[] = [];
  #queue: AppendQueue | undefined;
  #mime: string;
  #ending = false;

  constructor(video: HTMLVideoElement, source: MediaSource, mime: string, failed: (problem: string) => void) {
    this.#video = video;
    this.#source = source;
    this.#mime = mime;
    const open = () => {
      this.#queue = new AppendQueue(source.addSourceBuffer(mime), () => video.currentTime, {
        drained: () => this.#drained(),
        failed,
      });
      for (const { data, mime } of this.#early.splice(0)) this.append(data, mime);
      // `endOfStream` fires `sourceopen` again when media follows: this is for the first one.
    };
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

  /** The play head moved or waits: there may be room again, or a gap to jump over. */
  played(): void {
    this.#queue?.run();
    this.#jumpGap();
  }

  end(): void {
    this.#ending = true;
    this.#queue?.run();
  }

  close(): void {
    this.#queue?.close();
  }

  #drained(): void {
    this.#jumpGap();
    if (this.#ending && this.#source.readyState === 'open') this.#source.endOfStream();
  }

  #jumpGap(): void {
    const target = jumpTarget(rangesOf(this.#video.buffered), this.#video.currentTime);
    if (target !== undefined) this.#video.currentTime = target;
  }
}
