import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Reconnection, type ReconnectOptions } from '../../../src/client/reconnection.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const patient: ReconnectOptions = {
  attempts: Number.POSITIVE_INFINITY,
  firstDelayMs: 250,
  longestDelayMs: 8000,
  limitMs: 60_000,
};

function reconnectionWith(options: ReconnectOptions) {
  const onLimit = vi.fn();
  const connect = vi.fn();
  const reconnection = new Reconnection(options, onLimit);
  const delay = () => reconnection.again('It broke', connect)?.delayMs;
  return { reconnection, onLimit, connect, delay };
}

test('the pauses grow, and there are no more tries than asked for', () => {
  const { reconnection, connect, delay } = reconnectionWith({
    attempts: 3,
    firstDelayMs: 1,
    longestDelayMs: 2,
  });
  expect([delay(), delay(), delay(), delay()]).toEqual([1, 2, 2, undefined]);
  expect(reconnection.endSentence()).toBe('Gave up after 3 attempts.');
  vi.runAllTimers();
  expect(connect).toHaveBeenCalledTimes(1);
});

test('the last try comes as the limit ends, and the next session has the whole limit', () => {
  const { reconnection, delay } = reconnectionWith(patient);
  reconnection.begin();
  expect([1, 2, 3, 4, 5, 6, 7].map(delay)).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000]);
  vi.advanceTimersByTime(59_000);
  expect(delay()).toBe(1000);
  vi.advanceTimersByTime(1000);
  expect(delay()).toBeUndefined();
  expect(reconnection.endSentence()).toBe('No session could be opened within 60 s: it broke.');
  reconnection.done();
  expect(delay()).toBe(250);
});

test('a further try is ended at the limit, but has a second; the first may wait for a worker as long as it takes', () => {
  const { reconnection, onLimit, delay } = reconnectionWith(patient);
  reconnection.begin();
  vi.advanceTimersByTime(60_000);
  expect([onLimit.mock.calls.length, reconnection.isOverLimit]).toEqual([0, false]);
  reconnection.done();
  reconnection.begin();
  vi.advanceTimersByTime(59_750);
  delay();
  vi.advanceTimersByTime(250);
  reconnection.begin();
  expect(reconnection.isOverLimit).toBe(true);
  vi.advanceTimersByTime(990);
  expect(onLimit).not.toHaveBeenCalled();
  vi.advanceTimersByTime(20);
  expect(onLimit).toHaveBeenCalledOnce();
});
