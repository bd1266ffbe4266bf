import { describe, expect, it } from 'vitest';
import { FailoverBudget } from '../../../src/core/router/failover/failover-budget.ts';
import { waitFor } from '../../support/wait-for.ts';
import { gauge, isEmpty } from '../gauges.ts';
import { routerFor } from '../relay/fake-replica.ts';
import { RawClient } from '../relay/raw-client.ts';
import { checkpoint, dies, open, say, scripted, transparent } from './scripted-replica.ts';

/** Keeps what it is told to, and gives it up when it is asked to. */
function keeperIn(budget: FailoverBudget, canGiveUp = true) {
  let gaveUp = false;
  const keeper = {
    canGiveUp,
    giveUp: () => {
      gaveUp = true;
      budget.keeps(keeper, 0);
    },
    keeps: (bytes: number) => budget.keeps(keeper, bytes),
    gaveUp: () => gaveUp,
  };
  return keeper;
}

describe('the bytes that all sessions keep', () => {
  it('are taken from the one that keeps the most, of equals from the newest, when they are too many', () => {
    const budget = new FailoverBudget(() => 100);
    const [small, large, larger, moving] = [true, true, true, false].map((can) => keeperIn(budget, can));
    small?.keeps(10);
    large?.keeps(20);
    larger?.keeps(20);
    moving?.keeps(50);
    expect(budget.bytes).toBe(100);
    small?.keeps(11);
    expect([small, large, larger, moving].map((one) => one?.gaveUp())).toEqual([false, false, true, false]);
    expect(budget.bytes).toBe(81);
  });

  it('are all counted and all forgotten, and nothing turns for ever when nobody can give up', () => {
    let limit = 100;
    const budget = new FailoverBudget(() => limit);
    const keepers = [1, 2, 3].map(() => keeperIn(budget, false));
    for (const keeper of keepers) keeper.keeps(50);
    limit = 10;
    keepers[0]?.keeps(51);
    expect(budget.bytes).toBe(151);
    for (const keeper of keepers) keeper.keeps(0);
    expect(budget.bytes).toBe(0);
  });
});

const total = 100_000;
const opening = (bytes: number) => JSON.stringify({ type: 'session_init_v2', picture: 'x'.repeat(bytes) });
const keptBytes = 'fastvideo_router_failover_bytes';
const dropped = (limit: string) => `fastvideo_router_failover_dropped_total{limit="${limit}"}`;

async function letIn(client: RawClient): Promise<RawClient> {
  await waitFor('stream start', () => client.types().includes('ltx2_stream_start'));
  return client;
}

describe('when the sessions of a router keep too much together', () => {
  it('the largest goes on and is not moved, the others are, and nothing is left at the end', async () => {
    const one = await scripted((socket, number) => {
      if (number === 0) open(socket, 'one');
      if (number === 1) say(socket, { type: 'heard' });
      if (number === 2) dies(socket);
    });
    await using _ = one;
    await using two = await scripted((socket, number) => number === 0 && open(socket, 'two'));
    await using router = await routerFor([one, two], { ...transparent, failover_total_bytes: total });
    const connect = async (bytes: number) =>
      await letIn(await RawClient.connect(router.url, { first: opening(bytes) }));
    await using large = await connect(60_000);
    await using small = await connect(30_000);
    expect(await gauge(router, dropped('total'))).toBeNaN();
    await using late = await connect(20_000);
    expect(await gauge(router, keptBytes)).toBeLessThanOrEqual(total);
    expect(await gauge(router, dropped('total'))).toBe(1);
    large.socket.send('{}');
    await waitFor('answer', () => large.types().includes('heard'));
    for (const client of [small, late]) {
      client.socket.send('{}');
      client.socket.send('{}');
    }
    await waitFor('two moves', () => two.got.length >= 2);
    large.socket.send('{}');
    expect(await large.closed()).toEqual({ code: 1011, reason: 'replica_lost' });
    for (const client of [small, late]) client.socket.terminate();
    await isEmpty(router);
  });

  it('one that was dropped with frames held back gets them, in order', async () => {
    await using replica = await scripted((socket, number) => {
      if (number === 0) open(socket, 'one');
      if (number !== 1) return;
      say(socket, checkpoint({ n: 1 }, { frames: 2 }), { type: 'first' });
    });
    await using router = await routerFor([replica], { ...transparent, failover_total_bytes: total });
    await using client = await letIn(await RawClient.connect(router.url, { first: opening(50_000) }));
    client.socket.send('{}');
    const held = async () => (await gauge(router, keptBytes)) > 50_000 + 100;
    await waitFor('held frame', held);
    const socket = replica.socket();
    await using _other = await letIn(await RawClient.connect(router.url, { first: opening(49_000) }));
    await using _third = await letIn(await RawClient.connect(router.url, { first: opening(40_000) }));
    say(socket, { type: 'second' });
    await waitFor('frames', () => client.types().includes('second'));
    expect(client.types().slice(-2)).toEqual(['first', 'second']);
    expect(await gauge(router, dropped('total'))).toBe(1);
  });

  it('tells of one that is more than a session may keep', async () => {
    await using replica = await scripted((socket, number) => number === 0 && open(socket, 'one'));
    await using router = await routerFor([replica], { ...transparent, failover_bytes: 10_000 });
    await using _client = await letIn(await RawClient.connect(router.url, { first: opening(20_000) }));
    expect(await gauge(router, dropped('session'))).toBe(1);
    expect(await gauge(router, keptBytes)).toBe(0);
  });
});
