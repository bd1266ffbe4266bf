import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenStores } from '../../../src/core/sessions/stores/open-stores.ts';
import { waitFor } from '../../support/wait-for.ts';

const long = 3_600_000;
const short = 150;

export function newKey(): string {
  return randomBytes(32).toString('hex');
}

/** What every session store and blob store does. `open` is given room for at least 32 MB. */
export function describeStores(name: string, open: () => Promise<OpenStores>): void {
  describe(`session store contract: ${name}`, () => {
    const { sessions } = openForSuite(open);

    it('gives a record back once', async () => {
      const key = newKey();
      expect(await sessions().put(key, '{"text":"für später"}', long)).toBe(true);
      expect(await sessions().take(key)).toBe('{"text":"für später"}');
      expect(await sessions().take(key)).toBeUndefined();
    });

    it('gives a record to exactly one of many callers', async () => {
      const key = newKey();
      await sessions().put(key, 'record', long);
      const answers = await Promise.all(Array.from({ length: 20 }, () => sessions().take(key)));
      expect(answers.filter((answer) => answer !== undefined)).toEqual(['record']);
    });

    it('shows a record, and gives it to one of many who want that very one', async () => {
      const key = newKey();
      expect([await sessions().peek(key), await sessions().takeIf(key, 'record')]).toEqual([
        undefined,
        'gone',
      ]);
      await sessions().put(key, 'record', long);
      expect([await sessions().peek(key), await sessions().peek(key)]).toEqual(['record', 'record']);
      const answers = await Promise.all(Array.from({ length: 100 }, () => sessions().takeIf(key, 'record')));
      expect(answers.filter((answer) => answer !== 'gone')).toEqual(['taken']);
      expect([await sessions().peek(key), await sessions().take(key)]).toEqual([undefined, undefined]);
      expect(await sessions().put(key, 'late', long)).toBe(false);
    });

    it('leaves a record that is not the one that is wanted', async () => {
      const key = newKey();
      await sessions().put(key, 'first', long);
      await sessions().put(key, 'second', long);
      expect(await sessions().takeIf(key, 'first')).toBe('changed');
      expect(await sessions().put(key, 'third', long)).toBe(true);
      expect(await sessions().takeIf(key, 'third')).toBe('taken');
    });

    it('replaces a record', async () => {
      const key = newKey();
      await sessions().put(key, 'first, and longer', long);
      await sessions().put(key, 'second', long);
      expect(await sessions().take(key)).toBe('second');
    });

    it('does not take a record for a key that was taken', async () => {
      const key = newKey();
      await sessions().put(key, 'first', long);
      await sessions().take(key);
      expect(await sessions().put(key, 'second', long)).toBe(false);
      expect(await sessions().take(key)).toBeUndefined();
    });

    it('takes a record for a key that was asked for before there was one', async () => {
      const key = newKey();
      expect(await sessions().take(key)).toBeUndefined();
      expect(await sessions().put(key, 'record', long)).toBe(true);
      expect(await sessions().take(key)).toBe('record');
    });

    it('keeps the word it gave when puts and takes of one key race', async () => {
      const key = newKey();
      await sessions().put(key, '0', long);
      const puts = Array.from({ length: 10 }, (_, index) => sessions().put(key, String(index), long));
      const takes = Array.from({ length: 10 }, () => sessions().take(key));
      await Promise.all(puts);
      const records = (await Promise.all(takes)).filter((record) => record !== undefined);
      expect(records).toHaveLength(1);
      expect([await sessions().put(key, 'late', long), await sessions().take(key)]).toEqual([
        false,
        undefined,
      ]);
    });

    it('forgets a record after its time to live, and may be given it anew', async () => {
      const [key, other] = [newKey(), newKey()];
      await sessions().put(key, 'short', short);
      await sessions().put(other, 'long', long);
      await pastTimeToLive();
      expect([await sessions().take(key), await sessions().take(other)]).toEqual([undefined, 'long']);
      expect(await sessions().put(key, 'anew', long)).toBe(true);
      expect(await sessions().take(key)).toBe('anew');
    });

    it('is well', () => {
      expect(sessions().health()).toEqual({ ok: true });
    });
  });

  describe(`blob store contract: ${name}`, () => {
    const { blobs } = openForSuite(open);

    it.each([0, 1, 1000, 5_000_000])('gives %i random bytes back as they were', async (length) => {
      const bytes = new Uint8Array(randomBytes(length));
      const id = await blobs().put(bytes, long);
      const found = await blobs().get(id);
      expect(found?.length).toBe(length);
      expect(Buffer.compare(found ?? Buffer.of(1), bytes)).toBe(0);
      // A Buffer's `slice` does not copy: whoever looks at `.buffer` of it would see other bytes.
      expect(found?.slice().buffer.byteLength).toBe(length);
    });

    it('gives each blob an id of its own that nobody can guess', async () => {
      const ids = await Promise.all([1, 2, 3].map((byte) => blobs().put(Uint8Array.of(byte), long)));
      for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
      expect(new Set(ids).size).toBe(3);
    });

    it('forgets a blob that is deleted, and minds no second time', async () => {
      const id = await blobs().put(Uint8Array.of(1), long);
      await blobs().delete(id);
      await blobs().delete(id);
      expect([await blobs().get(id), await blobs().touch(id, long)]).toEqual([undefined, false]);
    });

    it('knows nothing of an unknown id', async () => {
      const id = randomUUID();
      await blobs().delete(id);
      expect([await blobs().get(id), await blobs().touch(id, long)]).toEqual([undefined, false]);
    });

    it('forgets a blob after its time to live, unless it is touched', async () => {
      let touched: string;
      // Where this machine needs longer for it, the blob is gone before.
      do touched = await blobs().put(Uint8Array.of(1), short);
      while (!(await blobs().touch(touched, long)));
      const left = await blobs().put(Uint8Array.of(2), short);
      await waitFor('end of the blob', async () => (await blobs().get(left)) === undefined);
      expect([await blobs().touch(left, long), await blobs().get(left)]).toEqual([false, undefined]);
      expect(await blobs().get(touched)).toEqual(Uint8Array.of(1));
    });

    it('ends a blob sooner when it is touched with a shorter time to live', async () => {
      const id = await blobs().put(Uint8Array.of(1), long);
      expect(await blobs().touch(id, short)).toBe(true);
      await waitFor('end of the blob', async () => (await blobs().get(id)) === undefined);
    });
  });
}

function openForSuite(open: () => Promise<OpenStores>) {
  let stores: OpenStores | undefined;
  beforeAll(async () => {
    stores = await open();
  });
  afterAll(async () => {
    await stores?.sessions.close();
    await stores?.blobs.close();
  });
  const opened = () => {
    if (stores === undefined) throw new Error('The stores are not open.');
    return stores;
  };
  return { sessions: () => opened().sessions, blobs: () => opened().blobs };
}

/** `take` cannot be asked again and again: it would take the record. */
async function pastTimeToLive(): Promise<void> {
  const end = Date.now() + 2 * short;
  await waitFor('end of the time to live', () => Date.now() > end);
}
