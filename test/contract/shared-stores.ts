import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { describe } from 'vitest';
import { needs, type Tool } from '../support/needs.ts';
import { redisServer, startRedisServer } from '../support/redis-server.ts';

/** What a store holds of one session, as far as tests look at it. */
export interface KeptRecord {
  readonly id: string;
  readonly paused: boolean;
  readonly toggles: Readonly<Record<string, boolean>>;
  readonly next_segment_idx: number;
}

export interface StoredRecord {
  readonly record: KeptRecord;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A store that outlives a server and that several may use. */
export interface SharedStore extends AsyncDisposable {
  /** For `streaming.store`. */
  readonly url: string;
  /** What lies in it now, read past the server. */
  records(): Promise<StoredRecord[]>;
}

type MakeStore = () => Promise<SharedStore>;

const kinds: readonly (readonly [string, MakeStore, readonly Tool[]])[] = [
  ['files', fileStore, []],
  ['Redis', redisStore, [redisServer]],
];

/** The same tests over each kind; `makeStore` makes an empty one. */
export function describeSharedStores(
  title: (kind: string) => string,
  tests: (makeStore: MakeStore) => void,
): void {
  for (const [kind, makeStore, tools] of kinds) {
    describe(title(kind), needs(...tools), () => tests(makeStore));
  }
}

export async function fileStore(): Promise<SharedStore> {
  const directory = await mkdtemp(join(tmpdir(), 'fastvideo-store-'));
  return {
    url: `file:${directory}`,
    records: () => fileRecords(join(directory, 'sessions')),
    // A server that is still running may write to it.
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true, maxRetries: 10 }),
  };
}

async function redisStore(): Promise<SharedStore> {
  const redis = await startRedisServer();
  return {
    url: redis.url,
    records: () => redisRecords(redis.url),
    [Symbol.asyncDispose]: () => redis.stop(),
  };
}

async function fileRecords(folder: string): Promise<StoredRecord[]> {
  const names = await readdir(folder);
  const files = names.filter((name) => name.endsWith('.fastvideo-session'));
  const found = await Promise.all(files.map((name) => fileRecord(join(folder, name))));
  return found.flatMap((one) => (one === undefined || one.expiresAt <= Date.now() ? [] : [one]));
}

/** Undefined for a file that has been replaced or removed since it was listed. */
async function fileRecord(path: string): Promise<StoredRecord | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    // A line about the file comes first; its modification time says when it expires.
    const record = JSON.parse(text.slice(text.indexOf('\n') + 1)) as KeptRecord;
    return { record, expiresAt: (await stat(path)).mtimeMs };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The records in a Redis that may have been started again since the last look. */
export async function redisRecords(url: string): Promise<StoredRecord[]> {
  const client = createClient({ url });
  await client.connect();
  try {
    const keys = await client.keys('fastvideo:session:*');
    const found = await Promise.all(
      keys.map(async (key) => ({ text: await client.get(key), expiresAt: await client.pExpireTime(key) })),
    );
    return found.flatMap(({ text, expiresAt }) =>
      text === null ? [] : [{ record: JSON.parse(text) as KeptRecord, expiresAt }],
    );
  } finally {
    client.destroy();
  }
}
