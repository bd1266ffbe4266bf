import { FfmpegProcess } from './process.ts';

/** Processes started ahead, waiting on their stdin: at most one for each set of arguments, the oldest go first. */
export class SpareProcesses {
  readonly #limit: number;
  readonly #ownGroup: boolean;
  readonly #spares = new Map<string, FfmpegProcess>();
  /** Those that were pushed out and have not gone yet. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(limit: number, ownGroup: boolean) {
    this.#limit = limit;
    this.#ownGroup = ownGroup;
  }

  /** Starts a spare unless there is one. `prepare` may write the first input. */
  add(path: string, args: readonly string[], prepare: (spare: FfmpegProcess) => void = () => {}): void {
    const key = keyOf(path, args);
    if (this.#spares.get(key)?.isRunning) return;
    const spare = new FfmpegProcess(path, args, this.#ownGroup);
    spare.keepAlive(false);
    prepare(spare);
    this.#spares.set(key, spare);
    // One that dies while it waits is of no interest: `take` then gives none, and a fresh start tells what is wrong.
    void spare.exited.then(() => {
      if (this.#spares.get(key) === spare) this.#spares.delete(key);
    });
    for (const [oldest, process] of this.#spares) {
      if (this.#spares.size <= this.#limit) break;
      this.#spares.delete(oldest);
      const leaving = process.kill().finally(() => this.#leaving.delete(leaving));
      this.#leaving.add(leaving);
    }
  }

  take(path: string, args: readonly string[]): FfmpegProcess | undefined {
    const key = keyOf(path, args);
    const spare = this.#spares.get(key);
    this.#spares.delete(key);
    if (!spare?.isRunning) return undefined;
    spare.keepAlive(true);
    return spare;
  }

  async close(): Promise<void> {
    const spares = [...this.#spares.values()];
    this.#spares.clear();
    await Promise.all([...spares.map((spare) => spare.kill()), ...this.#leaving]);
  }
}

function keyOf(path: string, args: readonly string[]): string {
  return JSON.stringify([path, ...args]);
}
