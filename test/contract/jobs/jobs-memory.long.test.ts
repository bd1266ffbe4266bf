import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { ServerProcess } from '../../support/server-process.ts';
import { waitFor } from '../../support/wait-for.ts';
import { readyServer } from '../servers.ts';
import { begin, openAiFor } from './videos.ts';

const tiny = { num_frames: 2, size: '32x32' };
const mebibyte = 2 ** 20;

async function residentBytes({ pid }: ServerProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

describe('a thousand jobs', () => {
  it('are all made, and held on the disk and not in memory', async () => {
    await using server = await readyServer('mock', ['--jobs.max_queued', '2000', '--jobs.max_kept', '2000']);
    const client = openAiFor(server);
    const makeAll = async (count: number) => {
      let last = '';
      for (let made = 0; made < count; made += 1)
        last = (await begin(client, { prompt: `job ${made}`, ...tiny })).id;
      await waitFor(
        'end of all jobs',
        async () => (await client.videos.retrieve(last)).status === 'completed',
      );
    };
    await makeAll(300);
    const warm = await residentBytes(server);
    await makeAll(1000);
    expect((await residentBytes(server)) - warm).toBeLessThan(48 * mebibyte);
    const statuses = new Map<string, number>();
    for await (const { status } of client.videos.list({ limit: 100 })) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(Object.fromEntries(statuses)).toEqual({ completed: 1300 });
  });
});
