import { existsSync } from 'node:fs';
import { type Browser, chromium as driver } from 'playwright-core';
import { hangLimitMs } from './hang-limit.ts';
import type { Tool } from './needs.ts';

const candidates = [
  process.env['FASTVIDEO_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The Chromium of browser tests: `FASTVIDEO_CHROMIUM`, else a system one. */
export const chromium: Tool = {
  path: candidates.find((path) => path !== undefined && existsSync(path)),
  remedy:
    'There is no Chromium. Install it (Debian: apt-get install chromium) or set FASTVIDEO_CHROMIUM to its path.',
};

/** What keeps Chromium from showing dialogs, using a GPU, or asking anything of the network. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts it without a window. `flags` are added. */
export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  if (chromium.path === undefined) throw new Error(chromium.remedy);
  return await driver.launch({
    executablePath: chromium.path,
    args: [...quiet, ...flags],
    timeout: hangLimitMs,
  });
}
