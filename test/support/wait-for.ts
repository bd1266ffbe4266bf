import { setTimeout as delay } from 'node:timers/promises';

const usualLimitMs = 20_000;
const pauseMs = 25;

/** Asks again and again until the answer is true; throws when it has not come in time, 20 s by default. */
export async function waitFor(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = usualLimitMs,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`There was no ${what} within ${limitMs} ms.`);
    await delay(pauseMs);
  }
}
