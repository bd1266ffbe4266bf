import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { connectionTaken, quietTurn } from '../../src/core/base/quiet-turn.ts';

/** Takes a connection in each of so many turns, and gives how many of them were over when `quietTurn` resolved. */
async function turnsBeside(connections: number): Promise<number> {
  let turns = 0;
  const taking = (async () => {
    for (; turns < connections; turns += 1) {
      connectionTaken();
      await turn();
    }
  })();
  await quietTurn();
  const waited = turns;
  await taking;
  return waited;
}

it('waits for a turn that brings no connection', async () => {
  expect(await turnsBeside(0)).toBe(0);
  expect(await turnsBeside(10)).toBeGreaterThanOrEqual(9);
});

it('does not wait for ever', async () => {
  expect(await turnsBeside(1000)).toBeLessThan(40);
});
