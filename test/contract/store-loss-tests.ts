import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedisServer } from '../support/redis-server.ts';
import { repositoryRoot, type ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { makeSegment, readSegment } from './segment.ts';
import { type Command, idle, quick, readyServer } from './servers.ts';
import { redisRecords } from './shared-stores.ts';
import { resumeAt, ticketOf } from './tickets.ts';

/** What is no address of a store. */
export const wrongAddresses = [
  'redis://someone:ge#heim@127.0.0.1',
  'redis://someone:geheim@/2',
  'redis://someone:geheim@127.0.0.1/a',
  'https://someone:geheim@127.0.0.1/',
  'file:',
  'geheim',
];

/** For a `describe`. */
export function lossTest(command: Command): void {
  it('goes on, says so, and keeps the session again when an empty Redis is back', async () => {
    await using redis = await disposableRedis();
    await using server = await readyServer(command, [...quick, '--streaming.store', redis.url]);
    const init = { curated_prompts: ['a red fox', 'a bear'], loop_generation_enabled: true };
    await using client = await ContractClient.open(server.url, init);
    const ready = async () => (await (await fetch(`${server.url}/readyz?strict`)).json()) as Readiness;
    await readSegment(client);
    await waitFor('store', async () => (await ready()).store === 'ok');
    expect(await ready()).toMatchObject({ status: 'ready' });
    expect(await storeUp(server)).toBe('1');

    await redis.kill();
    await waitFor('loss', async () => (await ready()).store === 'unreachable');
    const lost = await ready();
    expect(lost).toMatchObject({ status: 'ready' });
    expect(lost.detail).toMatch(/^The session store cannot be reached: /);
    expect(await storeUp(server)).toBe('0');
    // What came meanwhile lies before the cursor: at least two of the next have begun without the store.
    const reached = client.frames('ltx2_segment_complete').length;
    await client.until('ltx2_segment_complete', ({ segment_idx: idx }) => Number(idx) >= reached + 1);
    client.send({ type: 'loop_generation_updated', enabled: false });
    const last = await lastSegment(server, client);
    expect(client.frames('error')).toEqual([]);

    await using again = await disposableRedis(redis.port);
    await waitFor('return', async () => (await ready()).store === 'ok');
    expect(await ready()).not.toHaveProperty('detail');
    expect(await storeUp(server)).toBe('1');
    await waitFor('record in the new Redis', async () =>
      (await redisRecords(again.url)).some(({ record }) => record.next_segment_idx === last + 1),
    );
    client.socket.terminate();
    await client.close();
    await idle(server);
    const goesOn = { nextIdx: last + 1, durationMs: (last + 1) * 500 };
    await using resumed = await resumeAt(server.url, ticketOf(client), goesOn);
    const next = await makeSegment(resumed, 'a red fox');
    expect(next.mediaComplete).toMatchObject({ segment_idx: last + 1, pts_base_ms: goesOn.durationMs });
  });
}

/** For a `describe`. */
export function startTests(command: Command, addresses: readonly string[]): void {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fastvideo-start-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('that cannot be reached ends with exit code 1 and one line that shows no password', async () => {
    const { code, stderr } = await start('redis://someone:geheim@127.0.0.1:1/2');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^fastvideo: The store redis:\/\/127\.0\.0\.1:1\/2 cannot be used .*\n$/);
    expect(stderr).not.toMatch(/someone|geheim|\n./);
  });

  it.each(addresses)(
    'that is no address (%s) ends with exit code 2, with --check too, and shows no password',
    async (url) => {
      for (const more of [[], ['--check']]) {
        const { code, stderr } = await start(url, more);
        expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('store') });
        if (url.includes('@')) expect(stderr).not.toMatch(/geheim|ge#heim/);
      }
    },
  );

  async function start(
    url: string,
    more: readonly string[] = [],
  ): Promise<{ code: unknown; stderr: string }> {
    return await outcomeOf(directory, command, ['--streaming.store', url, ...more]);
  }
}

export async function disposableRedis(port?: number): Promise<RedisServer & AsyncDisposable> {
  const redis = await startRedisServer(port);
  return { ...redis, [Symbol.asyncDispose]: redis.stop };
}

interface Readiness {
  readonly store: string;
  readonly detail?: string;
}

async function storeUp(server: ServerProcess): Promise<string | undefined> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  return /^fastvideo_store_up(?:\{.*\})? (\S+)$/m.exec(metrics)?.[1];
}

/** Index of the last segment of a session whose loop was switched off. */
async function lastSegment(server: ServerProcess, client: ContractClient): Promise<number> {
  const answered = async () => {
    client.send({ type: 'snapshot_state' });
    await client.until('continuation_state_snapshot');
  };
  // Frames are dealt with in order: behind the first answer no segment begins, behind the second all have come.
  await answered();
  await waitFor('end of the last segment', async () => {
    const status = (await (await fetch(`${server.url}/status`)).json()) as SessionsStatus;
    return status.sessions.every(({ segment_idx: idx }) => idx === null);
  });
  await answered();
  return client.frames('ltx2_segment_complete').length - 1;
}

interface SessionsStatus {
  readonly sessions: readonly { readonly segment_idx: number | null }[];
}

async function outcomeOf(cwd: string, command: Command, args: readonly string[]) {
  const bin = join(repositoryRoot, 'bin/fastvideo.js');
  const child = spawn(process.execPath, [bin, command, '--server.port', '0', ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stderr = await text(child.stderr);
  if (child.exitCode === null) await new Promise((done) => child.once('close', done));
  return { code: child.exitCode, stderr };
}
