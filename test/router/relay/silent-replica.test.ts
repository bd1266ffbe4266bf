import { describe, expect, it } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import {
  firstReplica,
  nextReplica,
  open,
  play,
  queued,
  say,
  scripted,
  transparent,
} from '../failover/scripted-replica.ts';
import { gauge } from '../gauges.ts';
import { init, routerFor } from './fake-replica.ts';
import { RawClient } from './raw-client.ts';

const hastyOpening = { ...transparent, opening_timeout_seconds: 0.3 };
const hastyAnswer = { ...transparent, silence_timeout_seconds: 0.3 };

describe('a replica that passes its probes and', () => {
  it('says nothing to an opening is given up for the next one', async () => {
    await using silent = await scripted(() => undefined);
    await using next = await scripted((socket) => open(socket, 'next'));
    await using router = await routerFor([silent, next], hastyOpening);
    await using client = await RawClient.connect(router.url, { first: init });
    await waitFor('opening', () => client.types().includes('ltx2_stream_start'));
    expect(silent.got).toHaveLength(1);
    const replica = new URL(silent.url).host;
    expect(await gauge(router, `fastvideo_router_replicas_silent_total{replica="${replica}"}`)).toBe(1);
  });

  it('has a session wait, and never lets it in, is given up for the next one', async () => {
    await using silent = await scripted((socket) => say(socket, queued));
    await using next = await scripted((socket) => open(socket, 'next'));
    await using router = await routerFor([silent, next], hastyAnswer);
    await using client = await RawClient.connect(router.url, { first: init });
    await waitFor('opening', () => client.types().includes('ltx2_stream_start'));
  });

  it('does not begin the segment that was asked for loses the session', async () => {
    await using silent = await scripted((socket, number) => {
      if (number === 0) open(socket, 'one');
    });
    await using next = await nextReplica();
    await using router = await routerFor([silent, next], hastyAnswer);
    await using client = await play(router.url);
    await waitFor('segment', () => client.types().includes('ltx2_segment_complete'));
  });

  it('stops in the middle of a segment loses the session', async () => {
    await using silent = await firstReplica(() => undefined);
    await using next = await nextReplica();
    await using router = await routerFor([silent, next], hastyAnswer);
    await using client = await play(router.url);
    await waitFor('segment', () => client.types().includes('ltx2_segment_complete'));
    expect(next.got).toMatchObject([{ already_sent: { segment_idx: 0 } }]);
  });

  it('is the only one: the client is told', async () => {
    await using silent = await scripted(() => undefined);
    await using router = await routerFor([silent], hastyOpening);
    await using client = await RawClient.connect(router.url, { first: init });
    expect(await client.closed()).toEqual({ code: 1013, reason: 'no_healthy_replica' });
  });
});
