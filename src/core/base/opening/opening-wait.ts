import { alarm } from '../async/deadline.ts';
import { type ByteSource, MessageBytes } from './message-bytes.ts';

export interface OpeningLimits {
  /** How long nothing at all may come, in milliseconds. */
  readonly firstByteMs: number;
  /** How long nothing more of a message may come, in milliseconds. */
  readonly silenceMs: number;
  /** How long it may take from its first byte on, in milliseconds; never less than the silence that is allowed. */
  readonly totalMs: number;
}

/** Nothing came at all, a part of the message and then nothing, or the whole took too long. */
export type OpeningLate = 'silent' | 'stalled' | 'too_slow';

/**
 * Waits for a client's first message: a large picture may take its time on a slow line, a client that says nothing may
 * not, nor one that sends a byte now and then. `onLate` is called once at most, and not after the wait was disposed of.
 */
export class OpeningWait implements Disposable {
  readonly #limits: OpeningLimits;
  readonly #onLate: (late: OpeningLate) => void;
  readonly #bytes: MessageBytes;
  /** Undefined until the first byte. */
  #total: Disposable | undefined;
  #silence: Disposable;
  #over = false;

  constructor(source: ByteSource, limits: OpeningLimits, onLate: (late: OpeningLate) => void) {
    this.#limits = limits;
    this.#onLate = onLate;
    this.#bytes = new MessageBytes(source, () => this.#progressed());
    this.#silence = this.#newSilence(limits.firstByteMs);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#total?.[Symbol.dispose]();
    this.#silence[Symbol.dispose]();
    this.#bytes[Symbol.dispose]();
  }

  #newSilence(limitMs: number): Disposable {
    const silence: Disposable = alarm(limitMs, () => {
      const end = () => {
        if (silence === this.#silence) this.#end(this.#total ? 'stalled' : 'silent');
      };
      // Where this process itself had no time, the bytes that the alarm let in are looked at a turn later.
      setImmediate(end);
    });
    return silence;
  }

  #progressed(): void {
    const { silenceMs, totalMs } = this.#limits;
    this.#total ??= alarm(Math.max(totalMs, silenceMs), () => this.#end('too_slow'));
    this.#silence[Symbol.dispose]();
    this.#silence = this.#newSilence(silenceMs);
  }

  #end(late: OpeningLate): void {
    if (this.#over) return;
    this[Symbol.dispose]();
    this.#onLate(late);
  }
}

/** What a client is told whose first message did not come in time. */
export function openingProblem(
  late: OpeningLate,
  { firstByteMs, silenceMs, totalMs }: OpeningLimits,
): string {
  switch (late) {
    case 'silent':
      return `No session_init_v2 arrived within ${firstByteMs / 1000} s.`;
    case 'stalled':
      return `The first message is incomplete: nothing more of it arrived for ${silenceMs / 1000} s.`;
    case 'too_slow':
      return `The first message took longer than ${Math.max(totalMs, silenceMs) / 1000} s.`;
  }
}
