import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { commands, endless, quick, readyServer } from './servers.ts';

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const initial_image = { mime: 'image/png', name: 'a.png', data: png };

let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'pictures-test-'));
});
afterEach(async () => {
  await rm(temporary, { recursive: true });
});

const pictures = async () =>
  (await readdir(temporary, { recursive: true })).filter((name) => name.endsWith('.png'));

describe.each(commands)('the pictures of `fastvideo %s`', (command) => {
  const start = async () => await readyServer(command, quick, { TMPDIR: temporary });

  it('are gone after an orderly end', async () => {
    await using server = await start();
    await using _client = await ContractClient.open(server.url, { initial_image });
    expect(await pictures()).toHaveLength(1);
    await server.stop();
    expect(await readdir(temporary)).toEqual([]);
  });

  it('are gone after a second signal, which waits for nothing', async () => {
    await using server = await readyServer(command, endless, { TMPDIR: temporary });
    await using client = await ContractClient.open(server.url, { initial_image });
    client.prompt('a fox');
    await client.until('ltx2_segment_start');
    server.signal('SIGTERM');
    await waitFor('drain', () => server.stderr().includes('stopping after the running segments'));
    server.signal('SIGTERM');
    expect(await server.exited).toEqual({ code: 130, signal: null });
    expect(await readdir(temporary)).toEqual([]);
  });

  it('are removed by the next start when the process was killed', async () => {
    await using killed = await start();
    await using beside = await start();
    await using _one = await ContractClient.open(killed.url, { initial_image });
    await using _other = await ContractClient.open(beside.url, { initial_image });
    killed.signal('SIGKILL');
    await killed.exited;
    expect(await pictures()).toHaveLength(2);
    await using _next = await start();
    expect(await pictures()).toHaveLength(1);
  });
});
