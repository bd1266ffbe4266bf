import type { Bytes } from '../web-socket.ts';
import { leastBehind, removableRange, skippedRange, type TimeRange } from './buffered-range.ts';
import { rangesOf } from './time-ranges.ts';

type Operation =
  | { readonly type: 'append'; readonly data: Bytes }
  | { readonly type: 'changeType'; readonly mime: string };

/** Seconds of media that stay in the buffer. */
export interface KeptMedia {
  readonly behind: number;
  /** Before the newest picture: of a live stream, which does not show what is older. Undefined where all is shown. */
  readonly ahead: () => number | undefined;
}

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
  readonly #kept: KeptMedia;
  readonly #operations: Operation[] = [];
  #closed = false;
  #held = false;
  /** Something was done since all was in the buffer. */
  #busy = false;

  constructor(buffer: SourceBuffer, currentTime: () => number, kept: KeptMedia, events: AppendEvents) {
    this.#kept = kept;
    this.#buffer = buffer;
    this.#currentTime = currentTime;
    this.#events = events;
    // The timestamps in the media rule: `tfdt` goes on from segment to segment.
    buffer.mode = 'segments';
    buffer.addEventListener('updateend', () => this.run());
    buffer.addEventListener('error', () => this.#fail('the browser could not read the media.'));
  }

  /** Whether all that was given is in the buffer. */
  get isDrained(): boolean {
    return !this.#busy && !this.#buffer.updating;
  }

  push(operation: Operation): void {
    this.#busy = true;
    this.#operations.push(operation);
    this.run();
  }

  /** A managed source wants no more for now, or wants it again. */
  hold(held: boolean): void {
    this.#held = held;
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
      // Rarely: each removal is work for the browser.
      if (!this.#busy || this.#removeOld(this.#kept.behind, this.#kept.behind / 4)) return;
      this.#busy = false;
      this.#events.drained();
      return;
    }
    if (this.#held) return;
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
      // Where nothing can go, it waits until more has been played.
      if (error instanceof DOMException && error.name === 'QuotaExceededError')
        this.#removeOld(leastBehind, 1);
      else this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** False when nothing is old enough. */
  #removeOld(behind: number, least: number): boolean {
    return this.#remove(this.#played(behind), least) || this.#remove(this.#skipped(), least);
  }

  #played(keptBehind: number): TimeRange | undefined {
    return removableRange(rangesOf(this.#buffer.buffered), this.#currentTime(), keptBehind);
  }

  #skipped(): TimeRange | undefined {
    const kept = this.#kept.ahead();
    if (kept === undefined) return undefined;
    return skippedRange(rangesOf(this.#buffer.buffered), this.#currentTime(), kept);
  }

  /** False for less than `least` seconds. */
  #remove(range: TimeRange | undefined, least: number): boolean {
    if (!range || range.end - range.start < least) return false;
    this.#buffer.remove(range.start, range.end);
    return true;
  }

  #fail(problem: string): void {
    if (this.#closed) return;
    this.close();
    this.#events.failed(problem);
  }
}
