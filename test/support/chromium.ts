import { existsSync } from 'node:fs';

const candidates = [
  process.env.FASTVIDEO_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

const remedy =
  'No Chromium was found: install it (Debian: apt-get install chromium) or set FASTVIDEO_CHROMIUM to its path.';

/**
 * Path of the Chromium that browser tests use: `FASTVIDEO_CHROMIUM`, else a system one. Undefined, with the reason
 * printed, where there is none; with `CI=true` that throws, so that a build never passes without these tests.
 */
export function findChromium(): string | undefined {
  const found = candidates.find((path) => path !== undefined && existsSync(path));
  if (found !== undefined) return found;
  if (process.env.CI === 'true') throw new Error(remedy);
  console.warn(`Browser tests are skipped. ${remedy}`);
  return undefined;
}

/** What keeps Chromium from showing dialogs, using a GPU, or asking anything of the network. */
export const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
