import { setTimeout as delay } from 'node:timers/promises';

const limitMs = 20_000;
const pauseMs = 25;

/** Asks again and again until the answer is true; throws when it has not come within 20 s. */
export async function waitFor(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`There was no ${what} within ${limitMs} ms.`);
    await delay(pauseMs);
  }
}
