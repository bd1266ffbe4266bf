import { describe, expect, it } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { init, open, scripted, transparent } from '../failover/scripted-replica.ts';
import { gauge, isEmpty } from '../gauges.ts';
import { routerFor } from './fake-replica.ts';
import { RawClient } from './raw-client.ts';

const slowed = 'fastvideo_router_clients_slowed_total';

describe.each(['/v1/stream', '/ws'])('a client of %s that sends far more than it may', (path) => {
  it('is read more slowly and not closed, and its junk does not come to the replica', async () => {
    const junk = 2000;
    await using replica = await scripted((socket, number) => number === 0 && open(socket, 'one'));
    await using router = await routerFor([replica], {
      ...transparent,
      messages_per_second: 1,
      message_burst: 20,
    });
    await using flooder = await RawClient.connect(router.url, { path, first: init });
    await waitFor('stream start', () => flooder.types().includes('ltx2_stream_start'));
    for (let count = 0; count < junk; count += 1) flooder.socket.send('{"type":"junk"}');
    await waitFor('limit', async () => (await gauge(router, slowed)) === 1);
    await using other = await RawClient.connect(router.url, { path, first: init });
    await waitFor('other session', () => other.types().includes('ltx2_stream_start'));
    expect(flooder.ended).toBeUndefined();
    expect(replica.got.filter(({ type }) => type === 'junk').length).toBeLessThan(junk / 2);
    for (const client of [flooder, other]) client.socket.terminate();
    await replica[Symbol.asyncDispose]();
  });

  it('gets all of it through in the end', async () => {
    await using replica = await scripted((socket, number) => number === 0 && open(socket, 'one'));
    await using router = await routerFor([replica], {
      ...transparent,
      messages_per_second: 1000,
      message_burst: 20,
    });
    await using client = await RawClient.connect(router.url, { path, first: init });
    for (let count = 0; count < 200; count += 1) client.socket.send(JSON.stringify({ type: 'said', count }));
    await waitFor('all', () => replica.got.length === 201);
    expect(replica.got.slice(1)).toEqual(
      Array.from({ length: 200 }, (_, count) => ({ type: 'said', count })),
    );
    client.socket.terminate();
    await isEmpty(router);
  });
});
