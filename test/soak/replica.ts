import { idle } from '../contract/servers.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

/** One replica at an address of its own, whichever process is behind it. */
export class SoakReplica {
  readonly url: string;
  /** Rejects when a process ends that was not told to. */
  readonly failed: Promise<never>;
  readonly #args: readonly string[];
  #process: ServerProcess;
  #fail: (error: Error) => void = () => undefined;
  #isToEnd = false;

  private constructor(process: ServerProcess, args: readonly string[]) {
    this.#process = process;
    this.#args = args;
    this.url = process.url;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // Whoever races it is told.
    this.failed.catch(() => undefined);
    this.#watch(process);
  }

  static async start(args: readonly string[]): Promise<SoakReplica> {
    return new SoakReplica(await startServer({ command: 'mock', args }), args);
  }

  signal(signal: NodeJS.Signals): void {
    if (signal === 'SIGKILL' || signal === 'SIGTERM') this.#isToEnd = true;
    this.#process.signal(signal);
  }

  /** Resolves when the process has ended and another one listens at the same address. */
  async restart(): Promise<void> {
    await this.#process.exited;
    await this.#process.stop();
    const port = ['--server.port', new URL(this.url).port];
    this.#process = await startServer({ command: 'mock', args: [...this.#args, ...port] });
    this.#isToEnd = false;
    this.#watch(this.#process);
  }

  /** Resolves when it has no session and every worker is free. */
  async idle(): Promise<void> {
    await idle(this.#process);
  }

  async stop(): Promise<void> {
    this.#isToEnd = true;
    // One that is frozen would not hear it.
    this.#process.signal('SIGCONT');
    await this.#process.stop();
  }

  #watch(process: ServerProcess): void {
    void process.exited.then((status) => {
      if (this.#process !== process || this.#isToEnd) return;
      const end = process.stderr().slice(-4000);
      this.#fail(new Error(`${this.url} ended by itself with ${JSON.stringify(status)}:\n${end}`));
    });
  }
}
