import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { isEmpty } from '../gauges.ts';
import { routerFor } from '../relay/fake-replica.ts';
import { RawClient } from '../relay/raw-client.ts';
import {
  dies,
  firstReplica,
  goOn,
  heard,
  init,
  nextReplica,
  open,
  play,
  scripted,
  transparent,
} from './scripted-replica.ts';

/** The text frames from the first error on. */
function lastWords(client: RawClient): unknown[] {
  const frames = client.received.flatMap((one) => (Buffer.isBuffer(one) ? [] : [JSON.parse(one) as unknown]));
  return frames.slice(client.types().indexOf('error'));
}

const told = { code: 1001, reason: 'server_draining' };
const goAway = {
  type: 'error',
  code: 'session_rejected',
  message: 'The router is shutting down; connect again.',
  retryable: true,
};

describe('a router that drains while a session is moved', () => {
  it.each([
    [
      '/v1/stream',
      [
        { ...goAway, message: '"a bear" was not generated: The router is shutting down.' },
        goAway,
        { type: 'segment_cancelled', segment_idx: 0 },
        { type: 'ltx2_stream_complete', reason: 'stop_requested' },
      ],
    ],
    ['/ws', [goAway, { type: 'ltx2_stream_complete' }]],
  ])('waits for a replica until the deadline, then tells the client: %s', async (path, words) => {
    await using first = await firstReplica(dies);
    await using silent = await scripted(() => undefined);
    await using router = await routerFor([first, silent], transparent);
    await using client = await play(router.url, { path });
    await waitFor('move', () => silent.got.length === 1);
    client.socket.send(JSON.stringify({ type: 'segment_prompt_source', prompt: 'a bear' }));
    await heard(client);
    const deadline = new AbortController();
    const drained = router.drain(deadline.signal);
    await heard(client);
    expect(client.types()).not.toContain('error');
    deadline.abort();
    expect(await client.closed()).toEqual(told);
    expect(lastWords(client)).toEqual(words);
    await drained;
    await isEmpty(router);
  });

  it('lets its segment end when a replica takes it in time', async () => {
    await using first = await firstReplica(dies);
    await using second = await scripted(() => undefined);
    await using router = await routerFor([first, second], transparent);
    await using client = await play(router.url);
    await waitFor('move', () => second.got.length === 1);
    const drained = router.drain(new AbortController().signal);
    await heard(client);
    expect(client.types()).not.toContain('error');
    goOn(second.socket());
    expect(await client.closed()).toEqual(told);
    expect(client.types().slice(-4)).toEqual([
      'media_segment_complete',
      'ltx2_segment_complete',
      'error',
      'ltx2_stream_complete',
    ]);
    await drained;
  });

  it('ends one without a segment when a replica has it, which can be asked for it then', async () => {
    await using first = await scripted((socket, number) => number === 0 && open(socket, 'one'));
    await using second = await scripted(() => undefined);
    await using router = await routerFor([first, second], transparent);
    await using client = await RawClient.connect(router.url, { first: init });
    await waitFor('stream start', () => client.types().includes('ltx2_stream_start'));
    first.socket().terminate();
    await waitFor('move', () => second.got.length === 1);
    const drained = router.drain(new AbortController().signal);
    await heard(client);
    expect(client.types()).not.toContain('error');
    const left = once(second.socket(), 'close');
    open(second.socket(), 'two');
    expect(await client.closed()).toEqual(told);
    expect(lastWords(client)).toEqual([goAway, { type: 'ltx2_stream_complete', reason: 'stop_requested' }]);
    expect((await left)[0]).toBe(1001);
    await drained;
  });
});

describe('a router that drains', () => {
  it('moves a session whose segment still runs, and lets that end', async () => {
    await using first = await firstReplica(() => undefined);
    await using second = await nextReplica();
    await using router = await routerFor([first, second], transparent);
    await using client = await play(router.url);
    await waitFor('first part', () => client.received.some((one) => String(one) === 'first part'));
    const drained = router.drain(new AbortController().signal);
    first.socket().terminate();
    expect(await client.closed()).toEqual(told);
    const binary = client.received.filter((one) => Buffer.isBuffer(one)).map(String);
    expect(binary).toEqual(['the init segment', 'first part', 'the init segment', 'second part']);
    expect(client.types().slice(-3)).toEqual(['ltx2_segment_complete', 'error', 'ltx2_stream_complete']);
    await drained;
  });
});
