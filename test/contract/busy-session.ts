import { ContractClient, type Frame } from './client.ts';

export interface SessionOutcomes {
  readonly prompts: number;
  readonly completed: number;
  readonly failed: number;
  readonly last: 'completed' | 'failed' | 'none';
}

/** A client that asks for the next segment as soon as the last has ended, one way or the other. */
export class BusySession {
  readonly id: string;
  readonly #client: ContractClient;
  readonly #name: string;
  readonly #done: Promise<void>;
  readonly #watchers = new Set<{ at: number | 'outcome'; tell: (reached: boolean) => void }>();
  #prompts = 0;
  #completed = 0;
  #failed = 0;
  #last: SessionOutcomes['last'] = 'none';
  #media = 0;
  #ending = false;

  private constructor(client: ContractClient, name: string) {
    const [assigned] = client.frames('gpu_assigned');
    this.id = String(assigned?.session_id);
    this.#client = client;
    this.#name = name;
    this.#done = this.#work();
    // `end` tells what went wrong; until then nobody waits.
    this.#done.catch(() => this.#tell(() => true, false));
  }

  static async open(url: string, name: string): Promise<BusySession> {
    return new BusySession(await ContractClient.open(url), name);
  }

  /** Resolves with true when that many media frames of a segment have come, or a segment has ended; false at the end. */
  async reaches(at: number | 'outcome'): Promise<boolean> {
    return await new Promise((resolve) => this.#watchers.add({ at, tell: resolve }));
  }

  /** Ends after a segment that was completed. Throws when the session did not behave. */
  async end(): Promise<SessionOutcomes> {
    this.#ending = true;
    await this.#done;
    await this.#client[Symbol.asyncDispose]();
    return {
      prompts: this.#prompts,
      completed: this.#completed,
      failed: this.#failed,
      last: this.#last,
    };
  }

  async #work(): Promise<void> {
    while (!this.#ending || this.#last !== 'completed') {
      this.#prompts += 1;
      this.#media = 0;
      this.#client.prompt(`${this.#name}, prompt ${this.#prompts}`);
      await this.#outcome();
      this.#tell(({ at }) => at === 'outcome', true);
    }
    this.#tell(() => true, false);
  }

  async #outcome(): Promise<void> {
    for (;;) {
      const received = await this.#client.next();
      if (received.kind === 'close')
        throw new Error(`${this.#name} was closed:\n${this.#client.transcript()}`);
      if (received.kind === 'binary') {
        this.#media += 1;
        this.#tell(({ at }) => at === this.#media - 1, true);
      } else if (this.#isOutcome(received.frame)) return;
    }
  }

  #isOutcome(frame: Frame): boolean {
    if (frame.type === 'ltx2_segment_complete') {
      this.#completed += 1;
      this.#last = 'completed';
      return true;
    }
    if (frame.type !== 'error') return false;
    if (frame.code !== 'worker_failed' || frame.retryable !== true) {
      throw new Error(`${this.#name} was told ${JSON.stringify(frame)}`);
    }
    this.#failed += 1;
    this.#last = 'failed';
    return true;
  }

  #tell(whom: (watcher: { at: number | 'outcome' }) => boolean, reached: boolean): void {
    for (const watcher of [...this.#watchers]) {
      if (!whom(watcher)) continue;
      this.#watchers.delete(watcher);
      watcher.tell(reached);
    }
  }
}
