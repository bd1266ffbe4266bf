import { describe, expect, it } from 'vitest';
import { MovePace } from '../../../src/core/router/failover/move-pace.ts';
import { waitFor } from '../../support/wait-for.ts';
import { isEmpty } from '../gauges.ts';
import { routerFor } from '../relay/fake-replica.ts';
import { RawClient } from '../relay/raw-client.ts';
import { init, initBytes, mediaInit, open, say, scripted, transparent } from './scripted-replica.ts';

describe('a session that each replica loses as soon as it has it', () => {
  it('is tried a few times, and its client is told when the time for that is over', async () => {
    const losing = async (name: string) =>
      await scripted((socket) => {
        open(socket, name);
        // As each that makes a segment again does first.
        say(socket, { ...mediaInit, stream_id: name }, initBytes);
        setImmediate(() => socket.terminate());
      });
    await using one = await losing('one');
    await using two = await losing('two');
    await using router = await routerFor([one, two], { ...transparent, failover_seconds: 1 });
    await using client = await RawClient.connect(router.url, { first: init });
    expect(await client.closed()).toEqual({ code: 1011, reason: 'replica_lost' });
    // At once, then after 250 and 500 ms, as far as the tries leave time; the next pause would be too long.
    const tries = one.got.length + two.got.length;
    expect(tries).toBeGreaterThanOrEqual(2);
    expect(tries).toBeLessThanOrEqual(4);
    await isEmpty(router);
  });

  it('is left when its client goes between two tries', async () => {
    const losing = async () =>
      await scripted((socket) => {
        open(socket, 'one');
        setImmediate(() => socket.terminate());
      });
    await using one = await losing();
    await using two = await losing();
    await using router = await routerFor([one, two], { ...transparent, failover_seconds: 3600 });
    const client = await RawClient.connect(router.url, { first: init });
    await waitFor('tries', () => one.got.length + two.got.length >= 4);
    client.socket.terminate();
    await isEmpty(router);
  });
});

describe('the pace of moves', () => {
  const over = new AbortController().signal;

  it('is at once the first time, and after a replica that brought the session further', async () => {
    const pace = new MovePace(1000);
    expect(await pace.pause(over)).toBe(1000);
    pace.took(400);
    pace.lostAgain(5000, true);
    expect(await pace.pause(over)).toBe(1000);
  });

  it('is slower, with less time left, after each that did not', async () => {
    const pace = new MovePace(2000);
    pace.took(400);
    pace.lostAgain(5000, false);
    expect(await pace.pause(over)).toBe(1350);
    pace.took(650);
    pace.lostAgain(5000, false);
    expect(await pace.pause(over)).toBe(450);
    pace.took(950);
    pace.lostAgain(5000, false);
    expect(await pace.pause(over)).toBeUndefined();
  });

  it('takes a session that was kept for long as settled', async () => {
    const pace = new MovePace(1000);
    pace.took(900);
    pace.lostAgain(60_000, false);
    expect(await pace.pause(over)).toBe(1000);
  });

  it('ends its pause when the session is over', async () => {
    const pace = new MovePace(3_600_000);
    for (let count = 0; count < 10; count += 1) pace.lostAgain(0, false);
    await expect(pace.pause(AbortSignal.abort())).resolves.toBeGreaterThan(0);
  });
});
