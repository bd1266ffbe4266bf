/** Records of sessions that may be resumed, by session id. A record is text, at most a few kilobytes. */
export interface SessionStore {
  /** Replaces what was there. The record is gone after `ttlMs`, or earlier when the store is full. */
  put(sessionId: string, record: string, ttlMs: number): Promise<void>;
  get(sessionId: string): Promise<string | undefined>;
  /** True for the one caller that removed it: a record is used once. */
  delete(sessionId: string): Promise<boolean>;
  close(): Promise<void>;
}

/** Payloads too large for a record, by an id that the store gives. */
export interface BlobStore {
  put(bytes: Uint8Array, ttlMs: number): Promise<string>;
  get(blobId: string): Promise<Uint8Array | undefined>;
  delete(blobId: string): Promise<void>;
  close(): Promise<void>;
}
