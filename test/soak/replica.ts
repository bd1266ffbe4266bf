import { type ServerProcess, startServer } from '../support/server-process.ts';

/** One replica at an address of its own, whichever process is behind it. */
export class SoakReplica {
  readonly url: string;
  readonly #args: readonly string[];
  #process: ServerProcess;

  private constructor(process: ServerProcess, args: readonly string[]) {
    this.#process = process;
    this.#args = args;
    this.url = process.url;
  }

  static async start(args: readonly string[]): Promise<SoakReplica> {
    return new SoakReplica(await startServer({ command: 'mock', args }), args);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }

  /** Resolves when the process has ended and another one listens at the same address. */
  async restart(): Promise<void> {
    await this.#process.exited;
    await this.#process.stop();
    const port = ['--server.port', new URL(this.url).port];
    this.#process = await startServer({ command: 'mock', args: [...this.#args, ...port] });
  }

  async stop(): Promise<void> {
    // One that is frozen would not hear it.
    this.#process.signal('SIGCONT');
    await this.#process.stop();
  }
}
