import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patient } from '../../playground/playground-page.ts';
import { descendantPids } from '../../support/child-pids.ts';
import { chromium, launchChromium, launchTabbedChromium } from '../../support/chromium.ts';
import { needs } from '../../support/needs.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { ElementPage, type Seen } from './element-page.ts';

const segmentSeconds = 2;
/** Small pictures, so that they are soon made and played; no segment is the last one. */
const endless = [
  ...['--default_request.sampling.width', '160', '--default_request.sampling.height', '96'],
  ...['--default_request.sampling.num_frames', String(24 * segmentSeconds)],
  ...['--streaming.generation_segment_cap', '0'],
  ...patient,
];
const playing = 'prompt="A lighthouse in a violet storm" autoplay muted continuous';
const live = `${playing} live`;

/** A buffer that takes so many seconds and not more, and counts how often it was full. */
const smallBuffer = (seconds: number) => `
  window.full = 0;
  const append = SourceBuffer.prototype.appendBuffer;
  SourceBuffer.prototype.appendBuffer = function (data) {
    let held = 0;
    for (let range = 0; range < this.buffered.length; range += 1) {
      held += this.buffered.end(range) - this.buffered.start(range);
    }
    if (held > ${seconds}) {
      window.full += 1;
      throw new DOMException('full', 'QuotaExceededError');
    }
    return append.call(this, data);
  };
`;

/** Plays on by so many segments from here. */
async function playsOn(element: ElementPage, segments: number): Promise<void> {
  await element.playedUntil((await element.seen()).currentTime + segments * segmentSeconds);
}

/** Near to what the player aims at, 1 s. */
async function isAtLiveEdge(element: ElementPage): Promise<void> {
  await expect.poll(async () => (await element.seen()).ahead).toBeLessThan(1.5);
}

async function pause(element: ElementPage): Promise<Seen> {
  await element.page.evaluate(`new Promise((resolve) => {
    const { video } = document.querySelector('fastvideo-player');
    video.addEventListener('pause', resolve, { once: true });
    video.pause();
  })`);
  return await element.seen();
}

/** Further media has come for so long, and it has not played any of it. */
async function staysPaused(element: ElementPage, { currentTime, ahead }: Seen, seconds: number) {
  await expect.poll(async () => (await element.seen()).ahead).toBeGreaterThan(ahead + seconds);
  expect(await element.seen()).toMatchObject({ paused: true, currentTime });
}

const play = `document.querySelector('fastvideo-player').video.play()`;

describe('an endless stream in <fastvideo-player>', needs(chromium), () => {
  let browser: Browser;
  let mock: ServerProcess;

  beforeAll(async () => {
    browser = await launchChromium();
    mock = await startServer({ command: 'mock', args: endless });
  });

  afterAll(async () => {
    await browser?.close();
    await mock?.stop();
  });

  test('goes on in a tab behind another one, and is at the live edge when the tab is in front again', async () => {
    await using tabs = await launchTabbedChromium();
    await using element = await ElementPage.open(tabs.browser, mock, live, { inTab: true });
    await element.playedUntil(segmentSeconds);
    const other = await tabs.browser.contexts()[0]?.newPage();
    await other?.bringToFront();
    await expect.poll(() => element.page.evaluate('document.visibilityState')).toBe('hidden');
    await playsOn(element, 3);
    await element.page.bringToFront();
    await expect.poll(() => element.page.evaluate('document.visibilityState')).toBe('visible');
    await playsOn(element, 1);
    await isAtLiveEdge(element);
    const { wentBack, events } = await element.seen();
    expect(wentBack).toEqual([]);
    expect(events.filter((type) => type !== 'jump')).toEqual([]);
    expect(element.faults).toEqual([]);
  });

  test('goes on in a tab that the browser had frozen', async () => {
    await using tabs = await launchTabbedChromium();
    await using element = await ElementPage.open(tabs.browser, mock, live, { inTab: true });
    await element.playedUntil(segmentSeconds);
    const other = await tabs.browser.contexts()[0]?.newPage();
    await other?.bringToFront();
    await expect.poll(() => element.page.evaluate('document.visibilityState')).toBe('hidden');
    const devTools = await element.page.context().newCDPSession(element.page);
    await devTools.send('Page.setWebLifecycleState', { state: 'frozen' });
    await new Promise((resolve) => setTimeout(resolve, 3 * segmentSeconds * 1000));
    await devTools.send('Page.setWebLifecycleState', { state: 'active' });
    await element.page.bringToFront();
    await playsOn(element, 2);
    await isAtLiveEdge(element);
    expect((await element.seen()).wentBack).toEqual([]);
    expect(element.faults).toEqual([]);
  });

  test('goes on at the live edge when a server that stood still runs again', async () => {
    await using server = await startServer({ command: 'serve', args: endless });
    await using element = await ElementPage.open(browser, server, live);
    await element.playedUntil(segmentSeconds);
    server.signal('SIGSTOP');
    try {
      // All was played that had come.
      await expect.poll(async () => (await element.seen()).paused).toBe(true);
    } finally {
      server.signal('SIGCONT');
    }
    await playsOn(element, 3);
    await isAtLiveEdge(element);
    const { wentBack, events, status } = await element.seen();
    expect(wentBack).toEqual([]);
    expect(events.filter((type) => type !== 'jump')).toEqual([]);
    expect(status).toBe('active');
  });

  test('never goes back where media comes too late again and again', async () => {
    await using server = await startServer({ command: 'serve', args: endless });
    await using element = await ElementPage.open(browser, server, live);
    await element.playedUntil(segmentSeconds);
    const [worker] = await descendantPids(server.pid);
    if (worker === undefined) throw new Error('There is no worker.');
    for (let round = 0; round < 8; round += 1) {
      const { currentTime } = await element.seen();
      process.kill(worker, 'SIGSTOP');
      try {
        await expect.poll(async () => (await element.seen()).ahead).toBeLessThan(0.3);
      } finally {
        process.kill(worker, 'SIGCONT');
      }
      await element.playedUntil(currentTime + 1);
    }
    await isAtLiveEdge(element);
    const { wentBack, events } = await element.seen();
    expect(wentBack).toEqual([]);
    expect(events.filter((type) => type !== 'jump')).toEqual([]);
  });

  test('empties a buffer that is full, and plays on through segment after segment', async () => {
    await using element = await ElementPage.open(browser, mock, live, { script: smallBuffer(13) });
    await element.playedUntil(12 * segmentSeconds);
    expect(await element.page.evaluate('window.full')).toBeGreaterThan(0);
    const { wentBack, events } = await element.seen();
    expect(wentBack).toEqual([]);
    expect(events.filter((type) => type !== 'jump')).toEqual([]);
    expect(element.faults).toEqual([]);
  });

  test('stays paused, keeps only the newest pictures meanwhile, and plays on at the live edge', async () => {
    await using element = await ElementPage.open(browser, mock, live, { script: smallBuffer(18) });
    await element.playedUntil(1);
    await staysPaused(element, await pause(element), 24);
    expect(await element.page.evaluate('window.full')).toBeGreaterThan(0);
    await element.page.evaluate(play);
    await playsOn(element, 1);
    await isAtLiveEdge(element);
    const { wentBack, events } = await element.seen();
    expect(wentBack).toEqual([]);
    expect(events.filter((type) => type === 'error')).toEqual([]);
    expect(events).toContain('jump');
  });
});
