import { DeadlineError, within } from '../base/async/deadline.ts';
import { errorMessage, FastVideoError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';
import type { Session } from './session.ts';
import { toRecord } from './session-record.ts';
import { inlineState, type StoredState, storeState } from './state-blobs.ts';
import type { BlobStore, SessionStore } from './stores/store.ts';

export interface KeepOptions {
  readonly sessions: SessionStore;
  readonly blobs: BlobStore;
  readonly ttlMs: number;
  readonly logger: Logger;
}

interface StoredTail {
  readonly tail: Float32Array;
  readonly blobId: string | undefined;
}

const retryMs = 2000;
/** No session stands still for longer because of a store that is slow. */
const longestWaitMs = 250;

/**
 * Keeps one session's latest state in the stores while it lives and for a while after. Writes never overlap: what
 * changes meanwhile is written next. A store that fails is tried again; the session does not wait for it.
 */
export class KeptSession {
  readonly token: string;
  /** Names the record. */
  readonly key: string;
  readonly #options: KeepOptions;
  /** Called when somebody who knew the token has taken the session over. */
  readonly #onTaken: () => void;
  #latest: Session | undefined;
  #state: (StoredState & { readonly of: ContinuationState }) | undefined;
  #tail: StoredTail | undefined;
  /** Blobs that no record names any more once the next one is written. */
  #stale: string[];
  #dirty = false;
  #failed = false;
  #over = false;
  #work: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;

  constructor(
    options: KeepOptions,
    { key, token, inherited }: { key: string; token: string; inherited: readonly string[] },
    onTaken: () => void,
  ) {
    this.#options = options;
    this.key = key;
    this.token = token;
    this.#stale = [...inherited];
    this.#onTaken = onTaken;
  }

  /** Has this state written, soon. */
  keep(session: Session): void {
    if (this.#over) return;
    this.#latest = session;
    if (this.#dirty) return;
    this.#dirty = true;
    this.#work = this.#work.then(() => this.#write());
  }

  /** Resolves when what was last kept has been written, or could not be. */
  async settled(): Promise<void> {
    await this.#work;
  }

  /** As `settled`, but waits no longer than a session may: not for a store that is slow, or that has failed before. */
  async persisted(): Promise<void> {
    if (this.#failed) return;
    try {
      await within(longestWaitMs, () => this.#work);
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
    }
  }

  /** Whether the last write has failed; it is tried again. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Starts the time to live anew; writes again what the store has lost. */
  refresh(): void {
    if (this.#latest) this.keep(this.#latest);
  }

  /** The state with references in place of its large members; whole where the store does not have it. */
  async referencedState(state: ContinuationState): Promise<ContinuationState> {
    await this.settled();
    return this.#state?.of === state ? this.#state.state : inlineState(state);
  }

  /** The session is over for good: nothing is kept of it. */
  async forget(): Promise<void> {
    this.stop();
    await this.#work;
    try {
      await this.#options.sessions.take(this.key);
      await this.#deleteBlobs([...this.#stale, ...this.#blobIds()]);
    } catch (error) {
      // What the store cannot remove now it forgets after the time to live.
      this.#options.logger.debug({ error: errorMessage(error) }, 'kept session was not removed');
    }
  }

  /** Writes no more; what is written stays for its time to live. */
  stop(): void {
    this.#over = true;
    clearTimeout(this.#retry);
  }

  async #write(): Promise<void> {
    this.#dirty = false;
    clearTimeout(this.#retry);
    const session = this.#latest;
    if (!session) return;
    const { sessions, ttlMs, logger } = this.#options;
    try {
      await this.#storeBlobs(session);
      const record = toRecord(session, {
        continuation: this.#state?.state ?? null,
        tailBlob: this.#tail?.blobId,
        blobIds: this.#blobIds(),
      });
      const written = await sessions.put(this.key, JSON.stringify(record), ttlMs);
      this.#failed = false;
      if (written) await this.#deleteBlobs(this.#stale.splice(0));
      else this.#taken();
    } catch (error) {
      logger.debug({ session_id: session.id, error: errorMessage(error) }, 'session was not kept');
      this.#failed = true;
      // What is refused for its size is refused again, until it changes.
      const mayPass = !(error instanceof FastVideoError) || error.retryable;
      if (!this.#over && mayPass) this.#retry = setTimeout(() => this.refresh(), retryMs).unref();
    }
  }

  async #storeBlobs({ continuation, timeline }: Session): Promise<void> {
    const { blobs, ttlMs } = this.#options;
    if (!(await this.#alive(this.#state?.blobIds ?? []))) this.#state = undefined;
    if (this.#state?.of !== (continuation ?? undefined)) {
      const stored = continuation ? await storeState(continuation, blobs, ttlMs) : undefined;
      this.#stale.push(...(this.#state?.blobIds ?? []));
      this.#state = stored && continuation ? { ...stored, of: continuation } : undefined;
    }
    const tail = timeline.audio?.tail ?? new Float32Array(0);
    const stored = this.#tail?.blobId;
    if (stored !== undefined && !(await this.#alive([stored]))) this.#tail = undefined;
    if (this.#tail?.tail === tail) return;
    const bytes = new Uint8Array(tail.buffer, tail.byteOffset, tail.byteLength);
    const blobId = bytes.length > 0 ? await blobs.put(bytes, ttlMs) : undefined;
    if (this.#tail?.blobId !== undefined) this.#stale.push(this.#tail.blobId);
    this.#tail = { tail, blobId };
  }

  /** Also prolongs their time to live. */
  async #alive(blobIds: readonly string[]): Promise<boolean> {
    const { blobs, ttlMs } = this.#options;
    const alive = await Promise.all(blobIds.map((blobId) => blobs.touch(blobId, ttlMs)));
    return alive.every(Boolean);
  }

  #blobIds(): string[] {
    const tail = this.#tail?.blobId;
    return [...(this.#state?.blobIds ?? []), ...(tail === undefined ? [] : [tail])];
  }

  async #deleteBlobs(blobIds: readonly string[]): Promise<void> {
    await Promise.all(blobIds.map((blobId) => this.#options.blobs.delete(blobId)));
  }

  #taken(): void {
    if (this.#over) return;
    this.stop();
    this.#onTaken();
  }
}
