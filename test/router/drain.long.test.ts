import { describe, expect, it } from 'vitest';
import { ContractClient } from '../contract/client.ts';
import { endless, readyServer } from '../contract/servers.ts';
import type { ExitStatus } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { dies, firstReplica, play, scripted } from './failover/scripted-replica.ts';
import { readyRouter } from './router-process.ts';

describe('a router that drains', () => {
  it('ends at once at a second signal', async () => {
    await using slow = await readyServer('mock', endless);
    await using router = await readyRouter([slow.url], { drain_seconds: 3600 });
    await using client = await ContractClient.open(router.url);
    client.prompt('never ends');
    await client.untilBinary();
    router.signal('SIGTERM');
    await waitFor('drain', async () => (await fetch(`${router.url}/readyz`)).status === 503);
    router.signal('SIGTERM');
    expect(await router.exited).toEqual({ code: 130, signal: null });
    expect(await client.close()).toMatchObject({ code: 1006 });
  });

  it('comes to its end while a session is moved to a replica that is frozen', async () => {
    await using first = await firstReplica(dies);
    await using frozen = await scripted((socket) => socket.pause());
    await using router = await readyRouter([first.url, frozen.url], {
      health_check: { interval_seconds: 3600 },
      drain_seconds: 0.3,
    });
    await using client = await play(router.url);
    await waitFor('move', () => frozen.got.length === 1);
    router.signal('SIGTERM');
    expect(await client.closed()).toEqual({ code: 1001, reason: 'server_draining' });
    expect(client.types().slice(-3)).toEqual(['error', 'segment_cancelled', 'ltx2_stream_complete']);
    let ended: ExitStatus | undefined;
    void router.exited.then((status) => {
      ended = status;
    });
    // Sooner than ws gives up a connection whose peer does not answer the close: that is after 30 s.
    await waitFor('end of the process', () => ended !== undefined);
    expect(ended).toEqual({ code: 0, signal: null });
  });
});
