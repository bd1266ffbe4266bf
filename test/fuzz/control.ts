import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** How busy the machine is, by a process that always takes the same work to answer. */
export class Control implements AsyncDisposable {
  readonly #url: string;
  readonly #end: () => Promise<void>;
  #quickestMs = Number.POSITIVE_INFINITY;

  private constructor(url: string, end: () => Promise<void>) {
    this.#url = url;
    this.#end = end;
  }

  static async start(): Promise<Control> {
    const child = fork(fileURLToPath(new URL('control.mjs', import.meta.url)), { execArgv: [] });
    const [port] = (await once(child, 'message')) as [number];
    const control = new Control(`http://127.0.0.1:${port}`, async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    });
    for (let count = 0; count < 10; count += 1) await control.slowness();
    return control;
  }

  /** How many times longer than ever it takes now; 1 on a machine with nothing else to do. */
  async slowness(): Promise<number> {
    const start = performance.now();
    await (await fetch(this.#url)).text();
    const ms = performance.now() - start;
    this.#quickestMs = Math.min(this.#quickestMs, ms);
    return ms / this.#quickestMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }
}
