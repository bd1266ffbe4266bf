import { describe, expect, it } from 'vitest';
import { ContractClient } from './client.ts';
import { commands, quick, readyServer } from './servers.ts';
import { shutdowns } from './shutdowns.ts';

describe.each(commands)('`fastvideo %s` when it is told to stop', (command) => {
  it.each(Object.entries(shutdowns))('%s', async (_, shutdown) => {
    await shutdown(command);
  });
});

describe('`fastvideo serve` when it is told to stop', () => {
  it('refuses a session that waits: session_rejected, retryable, close 1013', async () => {
    await using server = await readyServer('serve', quick);
    await using bound = await ContractClient.open(server.url);
    await using waiting = await ContractClient.connect(server.url);
    waiting.send({ type: 'session_init_v2' });
    await waiting.until('queue_status');
    server.signal('SIGTERM');
    // Why it waits may change before.
    expect(await waiting.until('error')).toMatchObject({
      type: 'error',
      code: 'session_rejected',
      retryable: true,
    });
    expect(await waiting.next()).toEqual({ kind: 'close', code: 1013, reason: 'session_rejected' });
    expect(await bound.close()).toMatchObject({ code: 1001 });
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });
});
