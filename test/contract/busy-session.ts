import { FastVideoError } from '../../src/client/errors.ts';
import { LibrarySession } from './library-session.ts';

export interface SessionOutcomes {
  readonly prompts: number;
  readonly completed: number;
  readonly failed: number;
  readonly last: 'completed' | 'failed' | 'none';
}

/** A client that asks for the next segment as soon as the last has ended, one way or the other. */
export class BusySession {
  readonly #client: LibrarySession;
  readonly #name: string;
  readonly #done: Promise<void>;
  readonly #watchers = new Set<{ at: number | 'outcome'; tell: (reached: boolean) => void }>();
  #prompts = 0;
  #completed = 0;
  #failed = 0;
  /** `error` frames; each has to be the outcome of a prompt. */
  #errors = 0;
  #last: SessionOutcomes['last'] = 'none';
  #ending = false;

  private constructor(client: LibrarySession, name: string) {
    this.#client = client;
    this.#name = name;
    client.session.subscribe(({ type }) => {
      if (type === 'error') this.#errors += 1;
    });
    this.#done = this.#work();
    // `end` tells what went wrong; until then nobody waits.
    this.#done.catch(() => this.#tell(() => true, false));
  }

  /** Its session may not be lost: no lost connection is opened again. */
  static async open(url: string, name: string): Promise<BusySession> {
    const client = new LibrarySession(url, { reconnect: { attempts: 0 } });
    await client.active();
    return new BusySession(client, name);
  }

  get id(): string {
    return this.#client.session.status.sessionId;
  }

  /** Resolves with true when that many media messages of a segment have come, or a segment has ended; false at the end. */
  async reaches(at: number | 'outcome'): Promise<boolean> {
    return await new Promise((resolve) => this.#watchers.add({ at, tell: resolve }));
  }

  /** Ends after a segment that was completed. Throws when the session did not behave. */
  async end(): Promise<SessionOutcomes> {
    this.#ending = true;
    await this.#done;
    await this.#client[Symbol.asyncDispose]();
    if (this.#errors !== this.#failed) {
      throw new Error(`${this.#name} was told ${this.#errors} errors, ${this.#failed} were of its prompts.`);
    }
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
      this.#last = await this.#outcome();
      if (this.#last === 'completed') this.#completed += 1;
      else this.#failed += 1;
      this.#client.assertRules();
      this.#tell(({ at }) => at === 'outcome', true);
    }
    this.#tell(() => true, false);
  }

  async #outcome(): Promise<'completed' | 'failed'> {
    let media = 0;
    try {
      for await (const { type } of this.#client.session.generate(`${this.#name}, prompt ${this.#prompts}`)) {
        if (type !== 'media') continue;
        media += 1;
        this.#tell(({ at }) => at === media, true);
      }
      return 'completed';
    } catch (error) {
      if (!(error instanceof FastVideoError)) throw error;
      if (error.code === 'worker_failed' && error.retryable) return 'failed';
      throw new Error(`${this.#name} was told ${error.code}: ${error.message}`, { cause: error });
    }
  }

  #tell(whom: (watcher: { at: number | 'outcome' }) => boolean, reached: boolean): void {
    for (const watcher of [...this.#watchers]) {
      if (!whom(watcher)) continue;
      this.#watchers.delete(watcher);
      watcher.tell(reached);
    }
  }
}
