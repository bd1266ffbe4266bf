import type { StoreHealth } from '../../base/store/store-condition.ts';

/**
 * How long a store remembers that a record was taken, in milliseconds: a replica that still holds the session must
 * not write it again.
 */
export const takenMemoryMs = 3_600_000;

export type TakeOutcome = 'taken' | 'changed' | 'gone';

/**
 * Records of sessions that may be resumed. The key is made of the session's id and its token, so whoever does not
 * know the token cannot name the record. A record is text, at most a few kilobytes.
 */
export interface SessionStore {
  /**
   * Writes or replaces the record; it is gone after `ttlMs`, or earlier when the store is full. False when the key
   * has been taken: nothing is written then. Throws `store_failed` for a record that is larger than the store takes.
   */
  put(key: string, record: string, ttlMs: number): Promise<boolean>;
  /** The record, which stays. */
  peek(key: string): Promise<string | undefined>;
  /**
   * Removes the record if it is still this one: `taken` is told to one caller only. Nothing is removed when it is
   * `changed`, or `gone`. After an error the next call may tell `taken` of a removal whose answer was lost.
   */
  takeIf(key: string, record: string): Promise<TakeOutcome>;
  /** Removes the record, whichever it is, and gives it to this one caller; everybody after gets undefined. */
  take(key: string): Promise<string | undefined>;
  health(): StoreHealth;
  close(): Promise<void>;
}

/** Payloads too large for a record, by an unguessable id that the store gives. */
export interface BlobStore {
  /** The caller gives the bytes away and changes them no more. Throws `store_failed` for more than the store takes. */
  put(bytes: Uint8Array, ttlMs: number): Promise<string>;
  get(blobId: string): Promise<Uint8Array | undefined>;
  /** Starts the time to live anew. False when the blob is gone. */
  touch(blobId: string, ttlMs: number): Promise<boolean>;
  delete(blobId: string): Promise<void>;
  health(): StoreHealth;
  close(): Promise<void>;
}
