import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectionTaken } from '../../src/core/base/quiet-turn.ts';
import { TurnShare } from '../../src/core/base/turn-share.ts';
import { waitFor } from '../support/wait-for.ts';

/** A clock that only work puts on. */
let now = 0;
const worksFor = (ms: number) => () => {
  now += ms;
};

beforeEach(async () => {
  // What came before has had its turn, connections of other tests in this process too.
  new TurnShare().later(() => undefined);
  await turn();
  await turn();
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('the share of one peer in a turn of the event loop', () => {
  it('is over when its work took long enough, also while that goes on, and there again in the next', async () => {
    const share = new TurnShare();
    share.spend(worksFor(9));
    expect(share.hasTime).toBe(true);
    share.spend(() => {
      worksFor(1)();
      expect(share.hasTime).toBe(false);
    });
    expect([share.hasTime, new TurnShare().hasTime]).toEqual([false, true]);
    await turn();
    expect(share.hasTime).toBe(true);
  });

  it('is over when all of them together took long enough', async () => {
    for (let count = 0; count < 5; count += 1) new TurnShare().spend(worksFor(10));
    const share = new TurnShare();
    expect(share.hasTime).toBe(false);
    await turn();
    expect(share.hasTime).toBe(true);
  });

  it('is small for all of them in a turn that has brought a connection', async () => {
    connectionTaken();
    new TurnShare().spend(worksFor(4));
    const share = new TurnShare();
    expect(share.hasTime).toBe(true);
    new TurnShare().spend(worksFor(1));
    expect(share.hasTime).toBe(false);
    await turn();
    new TurnShare().spend(worksFor(9));
    expect(share.hasTime).toBe(true);
  });

  it('is given in order to those that wait, in as many turns as that takes', async () => {
    const done: string[] = [];
    const works = (name: string, share = new TurnShare()) => {
      share.later(() => {
        share.spend(worksFor(30));
        done.push(name);
      });
    };
    for (const name of ['a', 'b', 'c', 'd', 'e']) works(name);
    expect(done).toEqual([]);
    await turn();
    expect(done).toEqual(['a', 'b']);
    works('f');
    await turn();
    expect(done).toEqual(['a', 'b', 'c', 'd']);
    await turn();
    expect(done).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('is followed by a pause when one message took long, as long as that', async () => {
    const share = new TurnShare();
    share.spend(worksFor(150));
    const done: string[] = [];
    new TurnShare().later(() => done.push('the next message'));
    setTimeout(() => done.push('150 ms'), 150);
    await waitFor('the next message', () => done.includes('the next message'));
    expect(done).toEqual(['150 ms', 'the next message']);
  });

  it('counts work that fails', () => {
    const share = new TurnShare();
    const failing = () => {
      worksFor(10)();
      throw new Error('no');
    };
    expect(() => share.spend(failing)).toThrow('no');
    expect(share.hasTime).toBe(false);
  });
});
