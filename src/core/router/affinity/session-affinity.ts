import { createHash } from 'node:crypto';
import type { SessionKey } from '../wire/replica-frames.ts';
import type { AffinityRecord, AffinityStore } from './affinity-store.ts';

/** Where a session is to be found. */
export interface SessionLocation {
  /** URL of its replica. */
  readonly url: string;
  /** What the replica knows it by, where that is not what the client was told: it was moved since. */
  readonly key?: SessionKey;
}

/** Longer ids are none of ours. */
const maxIdChars = 200;

/** Which replica last held which session. */
export class SessionAffinity {
  readonly #store: AffinityStore;

  constructor(store: AffinityStore) {
    this.#store = store;
  }

  /**
   * Remembers that a session lives on a replica now.
   *
   * @param client - what the client was told when it was let in
   * @param replica - what the replica knows it by; the same unless the session was moved
   */
  remember(client: SessionKey, replica: SessionKey, url: string): void {
    this.#put(replica.sessionId, { url });
    const { sessionId, token } = client;
    if (sessionId === replica.sessionId || token === undefined || replica.token === undefined) return;
    const moved = { client_token_hash: hashOf(token), session_id: replica.sessionId, token: replica.token };
    this.#put(sessionId, { url, moved });
  }

  /** Never rejects. Of a session that was moved only who knows its token learns more than the replica. */
  async find({ sessionId, token }: SessionKey): Promise<SessionLocation | undefined> {
    if (sessionId.length > maxIdChars) return undefined;
    const record = await this.#store.get(sessionId);
    if (!record) return undefined;
    const { url, moved } = record;
    if (!moved || token === undefined || hashOf(token) !== moved.client_token_hash) return { url };
    return { url, key: { sessionId: moved.session_id, token: moved.token } };
  }

  #put(sessionId: string, record: AffinityRecord): void {
    if (sessionId.length <= maxIdChars) this.#store.put(sessionId, record);
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
