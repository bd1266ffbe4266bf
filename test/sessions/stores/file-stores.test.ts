import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFileStores } from '../../../src/core/sessions/stores/file-stores.ts';
import { openStores, parseStoreUrl } from '../../../src/core/sessions/stores/open-stores.ts';
import { takenMemoryMs } from '../../../src/core/sessions/stores/store.ts';
import { waitFor } from '../../support/wait-for.ts';
import { newKey } from './store-contract.ts';

const long = 60_000;
let directory = '';
let log: PassThrough;
const toClose: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-files-'));
  log = new PassThrough();
});

afterEach(async () => {
  for (const store of toClose.splice(0)) await store.close();
  await rm(directory, { recursive: true, force: true });
});

async function open(options: { readonly maxBytes?: number; readonly sweepEveryMs?: number } = {}) {
  const stores = await openFileStores(directory, { maxBytes: 1_000_000, logger: pino(log), ...options });
  toClose.push(stores.sessions, stores.blobs);
  return stores;
}

function logged(): string {
  return String(log.read() ?? '');
}

async function onlyFile(folder: string): Promise<string> {
  const [name, ...others] = await readdir(join(directory, folder));
  expect(others).toEqual([]);
  return join(directory, folder, name ?? '');
}

describe('file stores', () => {
  it('keep records, blobs and what was taken when they are opened again', async () => {
    const [kept, taken] = [newKey(), newKey()];
    const before = await open();
    await before.sessions.put(kept, 'record', long);
    await before.sessions.put(taken, 'record', long);
    await before.sessions.take(taken);
    const blob = await before.blobs.put(Uint8Array.of(1, 2), long);
    const brief = await before.blobs.put(Uint8Array.of(3), 1);
    await before.sessions.close();
    await before.blobs.close();

    const after = await open();
    expect(await after.sessions.put(taken, 'again', long)).toBe(false);
    expect(await after.sessions.take(kept)).toBe('record');
    expect(await after.blobs.get(blob)).toEqual(Uint8Array.of(1, 2));
    expect(await after.blobs.get(brief)).toBeUndefined();
  });

  it('give a record to one of two processes that share the folder', async () => {
    const stores = [await open(), await open(), await open()];
    for (let round = 0; round < 20; round += 1) {
      const key = newKey();
      await stores[0]?.sessions.put(key, 'record', long);
      const answers = await Promise.all([...stores, ...stores].map(({ sessions }) => sessions.take(key)));
      expect(answers.filter((answer) => answer !== undefined)).toEqual(['record']);
    }
  });

  it('are for their user alone', async () => {
    directory = join(directory, 'new', 'deep');
    const { sessions, blobs } = await open();
    await sessions.put(newKey(), 'record', long);
    await blobs.put(Uint8Array.of(1), long);
    const modes = async (paths: string[]) =>
      Promise.all(paths.map(async (path) => ((await stat(path)).mode & 0o777).toString(8)));
    const folders = ['sessions', 'blobs', 'taken'].map((folder) => join(directory, folder));
    expect(await modes([directory, ...folders])).toEqual(['700', '700', '700', '700']);
    expect(await modes([await onlyFile('sessions'), await onlyFile('blobs')])).toEqual(['600', '600']);
  });

  it.each([
    ['cut off', (path: string) => truncate(path, 40)],
    ['emptied', (path: string) => truncate(path, 0)],
    ['too long', (path: string) => appendFile(path, 'x')],
    ['other', (path: string) => writeFile(path, '{"fastvideo":2}\nrecord')],
  ])('pass over a file that is %s, and log it', async (_how, damage) => {
    const { sessions } = await open();
    const key = newKey();
    await sessions.put(key, 'a record of some length', long);
    const path = await onlyFile('sessions');
    await damage(path);
    const future = new Date(Date.now() + long);
    await utimes(path, future, future);
    expect(await sessions.take(key)).toBeUndefined();
    expect(logged()).toContain('stored file is damaged');
    expect(await sessions.put(key, 'whole again', long)).toBe(true);
    expect(await sessions.take(key)).toBe('whole again');
  });

  it('drop the oldest when there is no room, also after they were opened again', async () => {
    const blob = new Uint8Array(300);
    const first = await open({ maxBytes: 2000 });
    const ids: string[] = [];
    for (let index = 0; index < 3; index += 1) ids.push(await first.blobs.put(blob, long + index * 1000));
    const second = await open({ maxBytes: 2000 });
    ids.push(await second.blobs.put(blob, long));
    const there = await Promise.all(ids.map(async (id) => (await second.blobs.get(id)) !== undefined));
    expect(there).toEqual([false, false, true, true]);
    await expect(second.blobs.put(new Uint8Array(1001), long)).rejects.toMatchObject({
      code: 'store_failed',
    });
    await expect(second.sessions.put(newKey(), 'x'.repeat(1001), long)).rejects.toMatchObject({
      code: 'store_failed',
      retryable: false,
    });
  });

  it('keep a blob that was touched longer than one that was not', async () => {
    const { blobs } = await open({ maxBytes: 2000 });
    const blob = new Uint8Array(300);
    const [touched, other] = [await blobs.put(blob, long), await blobs.put(blob, long)];
    await blobs.touch(touched, long);
    await blobs.put(blob, long);
    expect([await blobs.get(touched), await blobs.get(other)]).toEqual([blob, undefined]);
  });

  it('remove what has expired and what broken writes have left, and nothing of others', async () => {
    await open();
    const now = Date.now();
    const old = `${now - 3_600_000}-0a.fastvideo-tmp`;
    const young = `${now}-0b.fastvideo-tmp`;
    for (const name of [old, young, 'notes.txt']) await writeFile(join(directory, 'blobs', name), 'x');
    const marker = join(directory, 'taken', `${newKey()}.fastvideo-taken`);
    await writeFile(marker, '');
    const past = new Date(now - takenMemoryMs - 1000);
    await utimes(marker, past, past);
    const { blobs } = await open({ sweepEveryMs: 20 });
    expect((await readdir(join(directory, 'blobs'))).sort()).toEqual([young, 'notes.txt'].sort());
    expect(await readdir(join(directory, 'taken'))).toEqual([]);
    await blobs.put(Uint8Array.of(1), 100);
    await waitFor('sweep', async () => (await readdir(join(directory, 'blobs'))).length === 2);
  });

  it('say that they are lost when the disk fails, and that they are back', async () => {
    const { sessions, blobs } = await open({ sweepEveryMs: 20 });
    const folder = join(directory, 'sessions');
    await rename(folder, `${folder}-away`);
    await writeFile(folder, 'in the way');
    await expect(sessions.put(newKey(), 'record', long)).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining(`file:${directory}`),
    });
    await expect(sessions.take(newKey())).rejects.toMatchObject({ code: 'store_failed' });
    expect(sessions.health()).toMatchObject({ ok: false, reason: expect.stringContaining('ENOTDIR') });
    expect(blobs.health()).toEqual({ ok: true });

    await rm(folder);
    await rename(`${folder}-away`, folder);
    await waitFor('store that is well', () => sessions.health().ok);
    expect(await sessions.put(newKey(), 'record', long)).toBe(true);
    const lines = logged();
    expect([lines.match(/store is unreachable/g), lines.match(/store is reachable again/g)]).toEqual([
      ['store is unreachable'],
      ['store is reachable again'],
    ]);
  });

  it.each(['../secret', 'a/b', '', '.', 'A', 'a\0', 'x'.repeat(200)])(
    'do not leave the folder for %j',
    async (name) => {
      const { sessions, blobs } = await open();
      for (const call of [
        () => sessions.put(name, 'record', long),
        () => sessions.take(name),
        () => blobs.get(name),
        () => blobs.touch(name, long),
        () => blobs.delete(name),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'store_failed', retryable: false });
      }
    },
  );

  it('do not start in a folder that cannot be made', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    const location = parseStoreUrl(`file:${file}/below`);
    await expect(openStores(location, { maxBytes: 1, logger: pino(log) })).rejects.toMatchObject({
      code: 'start_failed',
      message: expect.stringContaining(`${file}/below`),
    });
  });

  it('do not change the rights of a folder that was there', async () => {
    await mkdir(join(directory, 'shared'), { mode: 0o755 });
    directory = join(directory, 'shared');
    await open();
    expect((await stat(directory)).mode & 0o777).toBe(0o755);
  });
});
