import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { args, expectContinued, firstSegment, second } from './bars-state.ts';
import { ContractClient } from './client.ts';
import { idle, readyServer } from './servers.ts';

describe('the continuation state of a program, in files', () => {
  it('comes to another server after the first was killed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fastvideo-store-'));
    const stored = [...args, '--streaming.store', `file:${directory}`];
    try {
      let kept: Awaited<ReturnType<typeof firstSegment>>;
      {
        await using server = await readyServer('serve', stored);
        kept = await firstSegment(server);
        await idle(server);
        server.signal('SIGKILL');
        await waitFor('end of the server', async () => (await server.exited).signal === 'SIGKILL');
      }
      await using server = await readyServer('serve', stored);
      await using client = await ContractClient.open(server.url, { resume: kept.resume }, second());
      await expectContinued(client, kept.state);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
