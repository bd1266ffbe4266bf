import { Wakeup } from '../base/async/wakeup.ts';

/** The ids of the jobs that wait, in order. */
export class JobQueue {
  readonly #ids: string[] = [];
  readonly #news = new Wakeup();

  get size(): number {
    return this.#ids.length;
  }

  add(id: string): void {
    this.#ids.push(id);
    this.#news.wake();
  }

  /** For one that has waited before. */
  addFirst(id: string): void {
    this.#ids.unshift(id);
    this.#news.wake();
  }

  /** Whether it waited. */
  remove(id: string): boolean {
    const index = this.#ids.indexOf(id);
    if (index !== -1) this.#ids.splice(index, 1);
    return index !== -1;
  }

  take(): string | undefined {
    return this.#ids.shift();
  }

  /** Resolves once there is one, or when the signal aborts. */
  async filled(signal: AbortSignal): Promise<void> {
    while (this.#ids.length === 0 && !signal.aborted) await this.#news.wait(signal);
  }
}
