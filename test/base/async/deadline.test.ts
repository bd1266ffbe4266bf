import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aborted, orAborted, pause } from '../../../src/core/base/async/aborted.ts';
import { alarm, DeadlineError, timeLimit, within } from '../../../src/core/base/async/deadline.ts';

const never = new Promise<never>(() => {});

describe('deadlines', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('call when the time is over, what came in before it having been read', () => {
    const seen: string[] = [];
    alarm(1000, () => seen.push('late'));
    setTimeout(() => setImmediate(() => seen.push('answer')), 1000);
    vi.advanceTimersByTime(999);
    expect(seen).toEqual([]);
    vi.runAllTimers();
    expect(seen).toEqual(['late', 'answer']);
  });

  it('do not call once they were disposed of, not even between the time and the next turn', () => {
    const seen: string[] = [];
    const timer = alarm(1000, () => seen.push('late'));
    setTimeout(() => timer[Symbol.dispose](), 1000);
    vi.runAllTimers();
    expect(seen).toEqual([]);
  });

  it('give up work that does not listen, and abort its signal', async () => {
    let given: AbortSignal | undefined;
    const work = within(50, (signal) => {
      given = signal;
      return never;
    });
    const outcome = expect(work).rejects.toThrow(new DeadlineError('no answer within 50 ms'));
    await vi.runAllTimersAsync();
    await outcome;
    expect(given?.aborted).toBe(true);
  });

  it('throw the reason of the outer signal, and leave nothing behind on it', async () => {
    const outer = new AbortController();
    const work = within(50, () => never, { over: outer.signal });
    outer.abort(new Error('the client has gone'));
    await expect(work).rejects.toThrow('the client has gone');
    await expect(within(50, async () => 'done', { over: new AbortController().signal })).resolves.toBe(
      'done',
    );
    expect(getEventListeners(outer.signal, 'abort')).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('begin no work for what is over already', async () => {
    const work = vi.fn(async () => undefined);
    await expect(within(50, work, { over: AbortSignal.abort(new Error('over')) })).rejects.toThrow('over');
    expect(work).not.toHaveBeenCalled();
  });

  it('end a time limit with what it is for', () => {
    const over = new AbortController();
    using limit = timeLimit(50, over.signal);
    over.abort('left');
    expect(limit.signal.reason).toBe('left');
  });
});

describe('signals', () => {
  it('tell of their abort, before and after it', async () => {
    const controller = new AbortController();
    const told = aborted(controller.signal);
    controller.abort();
    await expect(Promise.all([told, aborted(controller.signal)])).resolves.toEqual([undefined, undefined]);
  });

  it('end a pause, which throws nothing', async () => {
    const controller = new AbortController();
    const paused = pause(2 ** 30, controller.signal);
    controller.abort();
    await expect(paused).resolves.toBeUndefined();
  });

  it('win over a promise, whose failure then is nobody’s', async () => {
    const failing = Promise.reject(new Error('too late'));
    await expect(orAborted(failing, AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  });
});
