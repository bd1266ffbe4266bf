import type { Bytes } from '../src/client/web-socket.ts';

/** Bytes of media that the page keeps for the download. */
export const recordingLimit = 512 * 1024 * 1024;

interface Part {
  readonly chunks: Bytes[];
  bytes: number;
}

/** What one session sent, kept for the download: the first initialization segment, then the media in order. */
export class Recording {
  readonly mime: string;
  readonly #init: Bytes;
  /** One part a segment: a segment begins with a key frame, so whole segments can go. */
  readonly #parts: Part[] = [];
  #bytes: number;
  #droppedBytes = 0;

  constructor(init: Bytes, mime: string) {
    this.#init = init;
    this.mime = mime;
    this.#bytes = init.byteLength;
    this.nextSegment();
  }

  /** Bytes of the file that {@link file} makes. */
  get bytes(): number {
    return this.#bytes;
  }

  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  get isEmpty(): boolean {
    return this.#bytes === this.#init.byteLength;
  }

  nextSegment(): void {
    this.#parts.push({ chunks: [], bytes: 0 });
  }

  media(data: Bytes): void {
    const part = this.#parts.at(-1);
    if (!part) return;
    part.chunks.push(data);
    part.bytes += data.byteLength;
    this.#bytes += data.byteLength;
  }

  /** Drops the oldest segment, never the one that is coming in. False when there is none to drop. */
  dropOldest(): boolean {
    if (this.#parts.length < 2) return false;
    const dropped = this.#parts.shift()?.bytes ?? 0;
    this.#bytes -= dropped;
    this.#droppedBytes += dropped;
    return true;
  }

  /** One MP4 file. */
  file(): Blob {
    return new Blob([this.#init, ...this.#parts.flatMap(({ chunks }) => chunks)], { type: 'video/mp4' });
  }
}
