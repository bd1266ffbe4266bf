import { resolve } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { FastVideoError } from '../../../src/core/base/errors.ts';
import { openStores, parseStoreUrl } from '../../../src/core/sessions/stores/open-stores.ts';

describe('parseStoreUrl', () => {
  it.each([
    ['file:/var/lib/fastvideo', '/var/lib/fastvideo'],
    ['file:///var/lib/fast%20video', '/var/lib/fast video'],
    ['file:sessions', resolve('sessions')],
    ['file:./a/../b', resolve('b')],
  ])('reads the folder of %s', (url, directory) => {
    expect(parseStoreUrl(url)).toEqual({ kind: 'file', directory, shown: `file:${directory}` });
  });

  it('reads memory', () => {
    expect(parseStoreUrl('memory:')).toEqual({ kind: 'memory', shown: 'memory:' });
  });

  it.each([
    ['redis://cache', { host: 'cache', port: 6379, tls: false, database: 0 }, 'redis://cache:6379/0'],
    ['redis://cache/', { host: 'cache', port: 6379, tls: false, database: 0 }, 'redis://cache:6379/0'],
    ['redis://[::1]:7000/3', { host: '::1', port: 7000, tls: false, database: 3 }, 'redis://[::1]:7000/3'],
    [
      'rediss://me:p%40ss%2Fword@cache:6380/1',
      { host: 'cache', port: 6380, tls: true, username: 'me', password: 'p@ss/word', database: 1 },
      'rediss://cache:6380/1',
    ],
    [
      'redis://:secret@10.0.0.1',
      { host: '10.0.0.1', port: 6379, tls: false, password: 'secret', database: 0 },
      'redis://10.0.0.1:6379/0',
    ],
  ])('reads %s', (url, location, shown) => {
    expect(parseStoreUrl(url)).toEqual({ kind: 'redis', shown, ...location });
  });

  it.each([
    '',
    'memory',
    'memory:x',
    'file:',
    'file:  ',
    'file://host/folder',
    'postgres://me:secret@host',
    'default:secret@host',
    'secret@host',
    'redis:host',
    'redis://',
    'redis://:secret',
    'redis://:secret@',
    'redis://:sec/ret@host',
    'redis://:sec#secret@host',
    'redis://:secret%@host',
    'redis://host:port',
    'redis://host:99999',
    'redis://host/name',
    'redis://me:secret@host/0/1',
    'redis://host?password=secret',
  ])('refuses %j in one line that says what would be right, and shows no password', (url) => {
    const error = failureOf(() => parseStoreUrl(url));
    expect(error.code).toBe('config_invalid');
    expect(error.message).toContain('use memory:, file:DIR or redis://[user:password@]host[:port][/db].');
    expect(error.message).not.toMatch(/secret|ret@|\n/);
    expect(error.cause).toBeUndefined();
  });
});

describe('memory stores', () => {
  it('refuse what is larger than their bound, and keep the rest', async () => {
    const logger = pino({ level: 'silent' });
    const { sessions, blobs, kind } = await openStores(parseStoreUrl('memory:'), { maxBytes: 100, logger });
    expect(kind).toBe('memory');
    await expect(blobs.put(new Uint8Array(51), 1000)).rejects.toMatchObject({ code: 'store_failed' });
    await expect(sessions.put('a', 'x'.repeat(51), 1000)).rejects.toMatchObject({ code: 'store_failed' });
    expect(await sessions.put('a', 'x'.repeat(50), 1000)).toBe(true);
    await sessions.close();
    await blobs.close();
  });
});

function failureOf(act: () => unknown): FastVideoError {
  try {
    act();
  } catch (error) {
    if (error instanceof FastVideoError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}
