import { describe, expect, it } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { gauge, isEmpty } from '../gauges.ts';
import { routerFor } from '../relay/fake-replica.ts';
import { RawClient } from '../relay/raw-client.ts';
import { checkpoint, init, open, say, scripted, transparent } from './scripted-replica.ts';

const bufferBytes = 64 * 1024;
const small = { ...transparent, buffer_bytes: bufferBytes, ping_interval_seconds: 0.1 };

describe('what is kept so that a session can be moved', () => {
  it('is given up when a replica sends checkpoints for ever that never come to effect', async () => {
    const kept: number[] = [];
    await using replica = await scripted((socket, number) => {
      if (number === 0) open(socket, 'one');
      if (number !== 1) return;
      for (let count = 0; count < 2000; count += 1)
        say(socket, checkpoint({ state: 'x'.repeat(1000) }, { frames: 1_000_000 }));
      say(socket, { type: 'the end' });
    });
    await using router = await routerFor([replica], { ...small, failover_bytes: 100_000 });
    await using client = await RawClient.connect(router.url, { first: init });
    await waitFor('stream start', () => client.types().includes('ltx2_stream_start'));
    client.socket.send('{}');
    await waitFor('end', async () => {
      kept.push(await gauge(router, 'fastvideo_router_failover_bytes'));
      return client.types().includes('the end');
    });
    expect(Math.max(...kept)).toBeLessThanOrEqual(100_000);
    expect(await gauge(router, 'fastvideo_router_failover_bytes')).toBe(0);
  });

  it('counts the opening: one with a picture that is larger than the limit is not kept', async () => {
    await using replica = await scripted((socket, number) => {
      if (number === 0) open(socket, 'one');
    });
    await using router = await routerFor([replica], { ...small, failover_bytes: 100_000 });
    const opening = JSON.stringify({ type: 'session_init_v2', picture: 'x'.repeat(200_000) });
    await using client = await RawClient.connect(router.url, { first: opening });
    await waitFor('stream start', () => client.types().includes('ltx2_stream_start'));
    expect(await gauge(router, 'fastvideo_router_failover_bytes')).toBe(0);
  });

  it('holds one message that is larger than what may wait, and tells it to the next replica', async () => {
    const picture = { type: 'simple_generate', picture: 'x'.repeat(1_000_000) };
    await using one = await scripted((socket, number) => {
      if (number === 0) open(socket, 'one');
      if (number === 1) setImmediate(() => socket.terminate());
    });
    await using two = await scripted((socket, number) => {
      if (number === 0) open(socket, 'two');
    });
    await using router = await routerFor([one, two], small);
    await using client = await RawClient.connect(router.url, { first: init });
    await waitFor('stream start', () => client.types().includes('ltx2_stream_start'));
    client.socket.send(JSON.stringify(picture));
    await waitFor('picture', () => two.got.length === 2);
    expect(two.got[1]).toEqual(picture);
    client.socket.terminate();
    await isEmpty(router);
  });

  it('goes on being kept of a session whose client said more than may wait while it was moved', async () => {
    const opening = async (name: string) =>
      await scripted((socket, number) => {
        if (number === 0) open(socket, name);
      });
    await using one = await opening('one');
    await using two = await scripted(() => undefined);
    await using three = await opening('three');
    await using router = await routerFor([one, two, three], small);
    await using client = await RawClient.connect(router.url, { first: init });
    await waitFor('stream start', () => client.types().includes('ltx2_stream_start'));
    one.socket().terminate();
    await waitFor('move', () => two.got.length === 1);
    const said = Array.from({ length: 4 }, (_, n) => ({ type: 'said', n, text: 'x'.repeat(30_000) }));
    for (const message of said) client.socket.send(JSON.stringify(message));
    const buffered = async () => await gauge(router, 'fastvideo_router_buffered_bytes');
    await waitFor('full buffer', async () => (await buffered()) > bufferBytes);
    open(two.socket(), 'two');
    await waitFor('what was said', () => two.got.length === 5);
    two.socket().terminate();
    await waitFor('next move', () => [...one.got, ...three.got].length === 6);
    client.socket.terminate();
    await isEmpty(router);
  });
});
