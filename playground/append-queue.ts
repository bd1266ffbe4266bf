import type { Bytes } from '../src/client/web-socket.ts';
import { removableRange } from './buffered-range.ts';
import { rangesOf } from './time-ranges.ts';

type Operation =
  | { readonly type: 'append'; readonly data: Bytes }
  | { readonly type: 'changeType'; readonly mime: string };

interface AppendEvents {
  /** All that was given is in the buffer. */
  drained(): void;
  failed(problem: string): void;
}

/** Feeds one SourceBuffer: it takes one operation at a time and may be full for a while. */
export class AppendQueue {
  readonly #buffer: SourceBuffer;
  readonly #currentTime: () => number;
  readonly #events: AppendEvents;
  readonly #operations: Operation[] = [];
  #closed = false;

  constructor(buffer: SourceBuffer, currentTime: () => number, events: AppendEvents) {
    this.#buffer = buffer;
    this.#currentTime = currentTime;
    this.#events = events;
    // The timestamps in the media rule: `tfdt` goes on from segment to segment.
    buffer.mode = 'segments';
    buffer.addEventListener('updateend', () => this.run());
    buffer.addEventListener('error', () => this.#fail('the browser could not read the media.'));
  }

  push(operation: Operation): void {
    this.#operations.push(operation);
    this.run();
  }

  close(): void {
    this.#closed = true;
    this.#operations.length = 0;
  }

  /** Goes on; also to be called when the play head has moved, because that frees room. */
  run(): void {
    if (this.#closed || this.#buffer.updating) return;
    const operation = this.#operations[0];
    if (!operation) {
      this.#events.drained();
      return;
    }
    try {
      if (operation.type === 'append') {
        this.#buffer.appendBuffer(operation.data);
        this.#operations.shift();
      } else {
        this.#buffer.changeType(operation.mime);
        this.#operations.shift();
        // No `updateend` follows a change of the type.
        this.run();
      }
    } catch (error) {
      if (error instanceof DOMException && error.name === 'QuotaExceededError') this.#makeRoom();
      else this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** Without anything old enough to remove it waits until more has been played. */
  #makeRoom(): void {
    const range = removableRange(rangesOf(this.#buffer.buffered), this.#currentTime());
    if (range) this.#buffer.remove(range.start, range.end);
  }

  #fail(problem: string): void {
    if (this.#closed) return;
    this.close();
    this.#events.failed(problem);
  }
}
