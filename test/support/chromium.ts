import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
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

/** A Chromium with tabs as a person has them: all but the one in front are hidden, and their timers slow. */
export interface TabbedChromium extends AsyncDisposable {
  readonly browser: Browser;
}

/** Starts it without a window. In one that the driver starts, and in further contexts, all pages are visible. */
export async function launchTabbedChromium(): Promise<TabbedChromium> {
  if (chromium.path === undefined) throw new Error(chromium.remedy);
  const profile = await mkdtemp(join(tmpdir(), 'fastvideo-chromium-'));
  const own = ['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'];
  const child = spawn(chromium.path, [...quiet, ...own], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const browser = await driver.connectOverCDP(await devToolsAddress(child.stderr), {
      noDefaults: true,
      timeout: hangLimitMs,
    });
    return { browser, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function devToolsAddress(stderr: Readable): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: stderr, signal: AbortSignal.timeout(hangLimitMs) })) {
    const [, address] = /DevTools listening on (ws:\S+)/.exec(line) ?? [];
    if (address !== undefined) {
      // A full pipe would stop it.
      stderr.resume();
      return address;
    }
    lines.push(line);
  }
  throw new Error(`Chromium told no address of its DevTools:\n${lines.join('\n')}`);
}
