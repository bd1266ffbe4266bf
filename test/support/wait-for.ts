import { setTimeout as delay } from 'node:timers/promises';
import { vi } from 'vitest';
import { hangLimitMs } from './hang-limit.ts';

const pauseMs = 25;

/** Asks again and again until the answer is true; throws when it never comes. */
export async function waitFor(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + hangLimitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`There was no ${what} within ${hangLimitMs} ms.`);
    await delay(pauseMs);
  }
}

/** Tries again and again until nothing is thrown; throws the last error when that never comes. Gives its result. */
export async function eventually<Result>(attempt: () => Result | Promise<Result>): Promise<Result> {
  return await vi.waitFor(attempt, { timeout: hangLimitMs, interval: pauseMs });
}
