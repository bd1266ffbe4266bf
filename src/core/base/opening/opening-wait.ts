import { type ByteSource, MessageBytes } from './message-bytes.ts';

export interface OpeningLimits {
  /** How long nothing may come, in milliseconds. */
  readonly silenceMs: number;
  /** How long the whole first message may take, in milliseconds; never less than the silence that is allowed. */
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
  readonly #total: NodeJS.Timeout;
  #silence: NodeJS.Timeout;
  #begun = false;
  #over = false;

  constructor(source: ByteSource, limits: OpeningLimits, onLate: (late: OpeningLate) => void) {
    this.#limits = limits;
    this.#onLate = onLate;
    this.#bytes = new MessageBytes(source, () => this.#progressed());
    this.#total = setTimeout(() => this.#end('too_slow'), Math.max(limits.totalMs, limits.silenceMs));
    this.#silence = this.#newSilence();
  }

  [Symbol.dispose](): void {
    this.#over = true;
    clearTimeout(this.#total);
    clearTimeout(this.#silence);
    this.#bytes[Symbol.dispose]();
  }

  #newSilence(): NodeJS.Timeout {
    const timer: NodeJS.Timeout = setTimeout(() => {
      const end = () => {
        if (timer === this.#silence) this.#end(this.#begun ? 'stalled' : 'silent');
      };
      // Where this process itself had no time, the bytes lie there: they are read first, and looked at after.
      setImmediate(() => setImmediate(end));
    }, this.#limits.silenceMs);
    return timer;
  }

  #progressed(): void {
    this.#begun = true;
    clearTimeout(this.#silence);
    this.#silence = this.#newSilence();
  }

  #end(late: OpeningLate): void {
    if (this.#over) return;
    this[Symbol.dispose]();
    this.#onLate(late);
  }
}

/** What a client is told whose first message did not come in time. */
export function openingProblem(late: OpeningLate, { silenceMs, totalMs }: OpeningLimits): string {
  switch (late) {
    case 'silent':
      return `No session_init_v2 arrived within ${silenceMs / 1000} s.`;
    case 'stalled':
      return `The first message is incomplete: nothing more of it arrived for ${silenceMs / 1000} s.`;
    case 'too_slow':
      return `The first message took longer than ${Math.max(totalMs, silenceMs) / 1000} s.`;
  }
}
