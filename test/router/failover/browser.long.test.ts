import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playPage } from '../../contract/project/play-page.ts';
import { serveApp } from '../../contract/project/serve-app.ts';
import { buildWebApp } from '../../contract/project/web-app-page.ts';
import { readyServer } from '../../contract/servers.ts';
import { chromium, launchChromium } from '../../support/chromium.ts';
import { needs } from '../../support/needs.ts';
import { eager, readyRouter, stopAll } from '../router-process.ts';

const segments = 6;
const framesPerSegment = 24;
/** Of one second each; the pause before each leaves time for something to happen. */
const small = [
  ...['--default_request.sampling.width', '128', '--default_request.sampling.height', '96'],
  ...['--default_request.sampling.num_frames', String(framesPerSegment)],
  ...['--default_request.sampling.fps', String(framesPerSegment)],
  ...['--streaming.generation_segment_cap', String(segments), '--mock.sleep_ms', '200'],
];

describe('a web app that plays /ws through the router in Chromium', needs(chromium), () => {
  let browser: Browser;
  let app: Awaited<ReturnType<typeof buildWebApp>>;

  beforeAll(async () => {
    browser = await launchChromium();
    app = await buildWebApp();
  });
  afterAll(async () => {
    await browser?.close();
    await app?.[Symbol.asyncDispose]();
  });

  it.each([
    ['killed', 'SIGKILL', 'sequence'],
    ['killed', 'SIGKILL', 'segments'],
    ['drained', 'SIGTERM', 'sequence'],
    ['frozen', 'SIGSTOP', 'segments'],
  ] as const)('shows it without a gap when its replica is %s (%s, `%s` mode)', async (_, signal, mode) => {
    const [first, second] = await Promise.all([readyServer('mock', small), readyServer('mock', small)]);
    await using _replicas = { [Symbol.asyncDispose]: async () => await stopAll(first, second) };
    const settings = signal === 'SIGSTOP' ? { health_check: { ...eager, timeout_seconds: 2 } } : {};
    await using router = await readyRouter([first.url, second.url], settings);
    await using page = await serveApp(app.directory);
    let gone = false;
    const report = await playPage(browser, `${page.url}/?server=${router.url}&mode=${mode}`, (now) => {
      if (!gone && now.segments.length >= 2) {
        gone = true;
        first.signal(signal);
      }
      return now.ended || now.problems.length > 0 || now.closed !== null;
    });
    first.signal('SIGCONT');
    expect(report.problems).toEqual([]);
    expect(report.closed).toBeNull();
    expect(report.segments).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(report.mimes).size).toBe(1);
    expect(report.ranges).toHaveLength(1);
    expect(report.ranges[0]?.[1]).toBeGreaterThan(segments - 0.05);
    expect(report.decodedFrames).toBe(segments * framesPerSegment);
    expect(report.ended).toBe(true);
  });
});
