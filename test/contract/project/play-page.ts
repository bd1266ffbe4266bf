import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import type { PlaybackReport } from './web-app-page.ts';

/** Opens the page, starts it as a visitor does, and reads its report until it is as wanted. */
export async function playPage(
  browser: Browser,
  url: string,
  wanted: (now: PlaybackReport) => boolean | Promise<boolean>,
): Promise<PlaybackReport> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(url);
    await page.getByRole('button').click();
    const read = () => page.evaluate<PlaybackReport>('playbackReport()');
    await expect.poll(async () => await wanted(await read())).toBe(true);
    return await read();
  } finally {
    await context.close();
  }
}
