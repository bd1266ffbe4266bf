import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../src/core/base/async/backoff.ts';
import { Wakeup } from '../../../src/core/base/async/wakeup.ts';

describe('a wakeup', () => {
  it('wakes all who wait, and keeps nothing for those who come later', async () => {
    const wakeup = new Wakeup();
    const woken: string[] = [];
    const first = wakeup.wait().then(() => woken.push('first'));
    const second = wakeup.wait().then(() => woken.push('second'));
    wakeup.wake();
    await Promise.all([first, second]);
    const controller = new AbortController();
    const third = wakeup.wait(controller.signal).then(() => woken.push('third'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(woken).toEqual(['first', 'second']);
    controller.abort();
    await third;
  });

  it('leaves nothing behind on the signal', async () => {
    const { signal } = new AbortController();
    const wakeup = new Wakeup();
    const waiting = wakeup.wait(signal);
    wakeup.wake();
    await waiting;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('a backoff', () => {
  it('doubles up to its longest pause', () => {
    expect([0, 1, 2, 3, 40].map((failures) => backoffMs(failures, 250, 1500))).toEqual([
      250, 500, 1000, 1500, 1500,
    ]);
  });
});
