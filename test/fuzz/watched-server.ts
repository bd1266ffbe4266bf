import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ContractClient } from '../contract/client.ts';
import { makeSegment } from '../contract/segment.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Control } from './control.ts';
import { Finding } from './target.ts';

/** What the product promises: an answer within so many milliseconds, whatever was sent before. */
const answerMs = 2000;
/** After that nothing is waited for. */
const hangMs = 60_000;
/** What a process may have grown by when it has had time to let go. */
const mostGrownBytes = 700 * 2 ** 20;
/** How long what was sent may still be worked on, and memory be held, when all clients have gone. */
const settleMs = 60_000;
/** A stack trace, or what we print for our own bugs. */
const ownFault = /^\s+at .+:\d+:\d+\)?$|bug of ours|unhandled|uncaught|internal assertion/im;

/** A server with an honest session on it that must go on whatever strangers do. */
export class WatchedServer implements AsyncDisposable {
  readonly name: string;
  readonly process: ServerProcess;
  readonly #control: Control;
  readonly #honest: ContractClient | undefined;
  readonly #rssAtStart: number;
  #stderrRead = 0;
  #segments = 0;

  private constructor(
    name: string,
    process: ServerProcess,
    control: Control,
    honest: ContractClient | undefined,
    rss: number,
  ) {
    this.name = name;
    this.process = process;
    this.#control = control;
    this.#honest = honest;
    this.#rssAtStart = rss;
  }

  /** `honest`: whether to open a session there. */
  static async watch(
    name: string,
    process: ServerProcess,
    control: Control,
    honest = true,
  ): Promise<WatchedServer> {
    const client = honest ? await ContractClient.open(process.url) : undefined;
    const watched = new WatchedServer(name, process, control, client, await rssOf(process.pid));
    await watched.check();
    return watched;
  }

  get url(): string {
    return this.process.url;
  }

  /** Looks at it right behind what was sent. */
  async check(): Promise<void> {
    await this.#answers();
    this.#readStderr();
    if (!this.#honest) return;
    this.#segments += 1;
    const segment = makeSegment(this.#honest, `segment ${this.#segments}`);
    await this.#orEnd('The honest session did not go on', segment);
  }

  /** A new session gets a segment, if not from the first worker that is tried: that may have to be started again. */
  async serves(): Promise<void> {
    let why: unknown;
    const served = waitFor('segment', async () => {
      try {
        await using client = await ContractClient.open(this.url);
        await makeSegment(client, 'an honest one');
        return true;
      } catch (error) {
        why = error;
        return false;
      }
    }).catch((error: unknown) => {
      throw new Error(`${String(error)} The last time: ${String(why)}`);
    });
    await this.#orEnd('A new session got no segment', served);
  }

  /** Looks whether it holds nothing any more, when all strangers have gone. */
  async settled(): Promise<void> {
    const end = Date.now() + settleMs;
    for (;;) {
      const sessions = await this.#sessions();
      const grown = (await rssOf(this.process.pid)) - this.#rssAtStart;
      const honest = this.#honest ? 1 : 0;
      if (sessions <= honest && grown < mostGrownBytes) return;
      if (Date.now() > end) {
        throw this.finding(
          `it has ${sessions} sessions in place of ${honest} and has grown by ${grown} bytes`,
        );
      }
      await delay(200);
    }
  }

  finding(what: string): Finding {
    return new Finding(`${this.name}: ${what}\n${this.process.stderr().slice(-4000)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#honest?.socket.terminate();
    await this.process.stop();
  }

  async #answers(): Promise<void> {
    const start = performance.now();
    const answer = fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(hangMs) }).then(
      (response) => response.status,
      (error: unknown) => {
        throw this.finding(`/healthz did not answer: ${String(error)}`);
      },
    );
    const [status, slowness] = await Promise.all([this.#orEnd('/healthz', answer), this.#control.slowness()]);
    const ms = performance.now() - start;
    if (status !== 200) throw this.finding(`/healthz answered ${status}`);
    if (ms <= answerMs) return;
    // What the rest of the machine does is not its fault.
    const after = await this.#control.slowness();
    const limit = answerMs * Math.max(1, slowness, after);
    if (ms > limit) throw this.finding(`/healthz took ${ms.toFixed(0)} ms (limit ${limit.toFixed(0)})`);
  }

  #readStderr(): void {
    const text = this.process.stderr();
    const lines = text.slice(this.#stderrRead);
    this.#stderrRead = text.length;
    if (ownFault.test(lines)) throw this.finding('it told of a fault of its own');
  }

  async #sessions(): Promise<number> {
    const path = this.name.startsWith('router') ? '/metrics' : '/health';
    const text = await (await fetch(`${this.url}${path}`)).text();
    const count =
      path === '/health'
        ? (JSON.parse(text) as { readonly sessions: number }).sessions
        : Number(/^fastvideo_router_connections (\d+)/m.exec(text)?.[1]);
    return count;
  }

  async #orEnd<Result>(what: string, work: Promise<Result>): Promise<Result> {
    const ended = this.process.exited.then(({ code, signal }) => {
      throw this.finding(`the process ended with ${code ?? signal}`);
    });
    try {
      return await Promise.race([work, ended]);
    } catch (error) {
      throw error instanceof Finding ? error : this.finding(`${what}: ${String(error)}`);
    }
  }
}

async function rssOf(pid: number): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    // No Linux, or the process has gone: whoever asks finds that out otherwise.
    return 0;
  }
}
