import { setImmediate as nextTurn } from 'node:timers/promises';
import { Wakeup } from '../../core/base/async/wakeup.ts';

/**
 * The lines in groups of up to `size`: a line that comes alone goes on alone, at once; of many that are there already as
 * many as fit go together. At most two groups are read ahead. Leaving early leaves the lines too, even while a read
 * waits.
 */
export function lineGroups(lines: AsyncIterator<string>, size: number): AsyncIterableIterator<string[]> {
  const reader = new ReadAhead(lines, size * 2);
  const groups = group(reader, size);
  return {
    next: () => groups.next(),
    return: () => {
      reader.leave();
      return groups.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* group(reader: ReadAhead, size: number): AsyncGenerator<string[], undefined, undefined> {
  while (await reader.some()) {
    // What comes together is there by the next turn.
    if (reader.length < size) await nextTurn();
    yield reader.take(size);
  }
  return undefined;
}

/** Reads lines before they are asked for, up to a limit. */
class ReadAhead {
  readonly #lines: AsyncIterator<string>;
  readonly #limit: number;
  readonly #buffer: string[] = [];
  #end: { readonly error?: unknown } | undefined;
  readonly #news = new Wakeup();
  readonly #room = new Wakeup();

  constructor(lines: AsyncIterator<string>, limit: number) {
    this.#lines = lines;
    this.#limit = limit;
    this.#read().then(
      () => this.#ended({}),
      (error: unknown) => this.#ended({ error }),
    );
  }

  get length(): number {
    return this.#buffer.length;
  }

  /** Waits for a line; false when there is none left. Throws the error of the input after the lines before it. */
  async some(): Promise<boolean> {
    if (this.#buffer.length === 0 && !this.#end) await this.#news.wait();
    if (this.#buffer.length === 0 && this.#end && 'error' in this.#end) throw this.#end.error;
    return this.#buffer.length > 0;
  }

  take(count: number): string[] {
    const taken = this.#buffer.splice(0, count);
    this.#room.wake();
    return taken;
  }

  leave(): void {
    if (this.#end) return;
    this.#ended({});
    this.#room.wake();
    // A read that waits for its line may not answer before that comes: it is told, but not waited for.
    this.#lines.return?.().catch(() => undefined);
  }

  async #read(): Promise<void> {
    while (!this.#end) {
      const next = await this.#lines.next();
      if (next.done === true || this.#end) return;
      this.#buffer.push(next.value);
      if (this.#buffer.length === 1) this.#news.wake();
      if (this.#buffer.length >= this.#limit) await this.#room.wait();
    }
  }

  #ended(end: { readonly error?: unknown }): void {
    this.#end ??= end;
    this.#news.wake();
  }
}
