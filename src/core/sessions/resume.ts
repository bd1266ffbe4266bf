import { createHash, randomBytes } from 'node:crypto';
import { errorMessage, FastVideoError } from '../base/errors.ts';
import type { Part } from '../base/lifecycle.ts';
import type { Logger } from '../base/log.ts';
import type { StoreHealth } from '../base/store/store-condition.ts';
import { InTurn } from './in-turn.ts';
import { KeptSession } from './kept-session.ts';
import type { Session } from './session.ts';
import { fromRecord, parseRecord } from './session-record.ts';
import { loadState } from './state-blobs.ts';
import type { BlobStore, SessionStore } from './stores/store.ts';

export interface ResumeOptions {
  readonly sessions: SessionStore;
  readonly blobs: BlobStore;
  readonly kind: 'memory' | 'file' | 'redis';
  /** How long a session can be resumed after its connection has gone; 0: not at all. */
  readonly ttlMs: number;
  readonly logger: Logger;
}

/** A session that somebody came back for. */
export interface TakenSession {
  readonly session: Session;
  /** Blobs of the record that is gone, to be removed once the session is kept anew. */
  readonly blobIds: readonly string[];
}

/** Sessions without a client that are held in memory while the store is away: their states may be large. */
const mostOutliving = 100;

/** Of one take, while its holder writes. */
const mostAttempts = 10;

/** Keeps sessions for those who come back with their token, on this replica or on another one with the same store. */
export class ResumableSessions implements Part {
  readonly name = 'resumable sessions';
  readonly #options: ResumeOptions;
  readonly #kept = new Set<KeptSession>();
  /** By key: sessions whose last state is being written. */
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #inTurn = new InTurn();
  #refresher: NodeJS.Timeout | undefined;
  #outliving = 0;

  constructor(options: ResumeOptions) {
    this.#options = options;
  }

  get blobs(): BlobStore {
    return this.#options.blobs;
  }

  get kind(): ResumeOptions['kind'] {
    return this.#options.kind;
  }

  health(): StoreHealth {
    return this.#options.sessions.health();
  }

  async start(): Promise<void> {
    const { ttlMs } = this.#options;
    if (ttlMs <= 0) return;
    // A third: one refresh may fail and the record is still there at the next.
    this.#refresher = setInterval(
      () => {
        for (const kept of this.#kept) kept.refresh();
      },
      Math.max(100, ttlMs / 3),
    ).unref();
  }

  /** Waits for what is being written. */
  async stop(): Promise<void> {
    clearInterval(this.#refresher);
    for (const kept of this.#kept) kept.stop();
    await Promise.all([...this.#kept].map((kept) => kept.settled()));
    await this.#options.sessions.close();
    await this.#options.blobs.close();
  }

  /**
   * Gets ready to keep a session under a new token; undefined where nothing is kept. `onTaken` is called when
   * somebody resumes it while it still lives here.
   */
  hold(sessionId: string, inherited: readonly string[], onTaken: () => void): KeptSession | undefined {
    if (this.#options.ttlMs <= 0) return undefined;
    const token = randomBytes(32).toString('base64url');
    const kept = new KeptSession(this.#options, { key: keyOf(sessionId, token), token, inherited }, onTaken);
    this.#kept.add(kept);
    return kept;
  }

  /**
   * The connection has gone: the session stays for its time to live, or is forgotten at once. Its last state has been
   * kept when `ended` resolves.
   */
  async release(kept: KeptSession, forget: boolean, ended?: Promise<unknown>): Promise<void> {
    const left = this.#leave(kept, forget, ended);
    this.#leaving.set(kept.key, left);
    await left.finally(() => this.#leaving.delete(kept.key));
  }

  async #leave(kept: KeptSession, forget: boolean, ended?: Promise<unknown>): Promise<void> {
    await ended;
    if (forget) await kept.forget();
    else {
      // The time to live runs from now on, and not from the last change.
      kept.refresh();
      await kept.settled();
      if (kept.failed && this.#outliving < mostOutliving) {
        this.#outlive(kept);
        return;
      }
      kept.stop();
    }
    this.#kept.delete(kept);
  }

  /** The store is away: the session waits for it here, for as long as it would have stayed there. */
  #outlive(kept: KeptSession): void {
    this.#outliving += 1;
    const end = () => {
      kept.stop();
      this.#kept.delete(kept);
      this.#outliving -= 1;
    };
    setTimeout(end, this.#options.ttlMs).unref();
  }

  /**
   * The session as it was, in its first state; undefined for an unknown id, a wrong, old or used token, and for a
   * record that cannot be read. Throws `store_failed` when the store cannot be asked.
   */
  async take(sessionId: string, token: string): Promise<TakenSession | undefined> {
    const key = keyOf(sessionId, token);
    // A client may be back before its last segment has been written.
    await this.#leaving.get(key);
    const kept = [...this.#kept].find((one) => one.key === key);
    if (kept?.failed) {
      // The store may be there again, and what it has is older than what is here.
      kept.refresh();
      await kept.settled();
    }
    // Each may have to read tens of megabytes, and one alone gets the session.
    return await this.#inTurn.run(key, () => this.#takeWhole(sessionId, key));
  }

  /** The record is taken last: what fails before leaves it where every replica finds it. */
  async #takeWhole(sessionId: string, key: string): Promise<TakenSession | undefined> {
    const { sessions, logger } = this.#options;
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const text = await sessions.peek(key);
      if (text === undefined) return undefined;
      const loaded = await this.#load(text);
      const taken = await sessions.takeIf(key, text);
      if (taken === 'gone') return undefined;
      // Its holder has written a newer one, and may have removed the blobs of this one.
      if (taken === 'changed') continue;
      if ('session' in loaded) return loaded;
      logger.error(
        { session_id: sessionId, error: errorMessage(loaded.problem) },
        'kept session cannot be read',
      );
      return undefined;
    }
    throw new FastVideoError('store_failed', 'The stored session keeps changing; try again.');
  }

  /** Throws what may pass. */
  async #load(text: string): Promise<TakenSession | { readonly problem: unknown }> {
    const { blobs } = this.#options;
    try {
      const record = parseRecord(text);
      const continuation = record.continuation && (await loadState(record.continuation, blobs));
      const tail = record.tail_blob === undefined ? undefined : await blobs.get(record.tail_blob);
      return { session: fromRecord(record, continuation, tail), blobIds: record.blob_ids };
    } catch (error) {
      if (isPassing(error)) throw error;
      return { problem: error };
    }
  }
}

/** Whether the store may answer another time. */
function isPassing(error: unknown): boolean {
  return error instanceof FastVideoError && error.code === 'store_failed' && error.retryable;
}

/** Names the record to those who know the token, and does not give the token away. */
function keyOf(sessionId: string, token: string): string {
  return createHash('sha256').update(`${sessionId}\n${token}`).digest('hex');
}
