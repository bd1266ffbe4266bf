import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { putScenario } from '../mock/dialects.ts';
import { chromium, launchChromium } from '../support/chromium.ts';
import { needs } from '../support/needs.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { eventually } from '../support/wait-for.ts';
import { PlaygroundPage, patient } from './playground-page.ts';

const small = [
  ...['--default_request.sampling.width', '160', '--default_request.sampling.height', '96'],
  ...patient,
];
const segmentSeconds = 2;

describe('what the playground does when media is missing, spoilt, late or at an end', needs(chromium), () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
  });

  async function mock(scenario: unknown, ...args: readonly string[]): Promise<ServerProcess> {
    const server = await startServer({
      command: 'mock',
      args: [...small, '--default_request.sampling.num_frames', '48', ...args],
    });
    expect((await putScenario(server.url, scenario)).status).toBe(200);
    return server;
  }

  test.each(['missing-fragment', 'garbage-media'])(
    '%s: goes on behind the gap, and says so',
    async (name) => {
      await using server = await mock(name);
      await using playground = await PlaygroundPage.open(browser, server.url);
      await playground.type('a');
      await playground.note(/s of the video are missing; it goes on behind them/);
      await playground.type('b');
      await playground.segments('done', 2);
      await playground.hasEnded();
      expect((await playground.video()).currentTime).toBeGreaterThan(2 * segmentSeconds - 0.2);
      expect(await playground.alert()).toBe('');
      expect(playground.faults).toEqual([]);
    },
  );

  test('a segment whose beginning is broken is told, and the others play', async () => {
    await using server = await mock('short-init');
    await using playground = await PlaygroundPage.open(browser, server.url);
    await playground.type('a');
    await playground.waitForAlert(/could not be played: its description is malformed/);
    await playground.type('b');
    await playground.type('c');
    await playground.segments('done', 3);
    await playground.hasEnded();
    const { ranges, error } = await playground.video();
    expect(ranges).toHaveLength(1);
    expect(ranges[0]?.[0]).toBe(0);
    expect(ranges[0]?.[1]).toBeGreaterThan(2 * segmentSeconds - 0.2);
    expect(error).toBeNull();
  });

  test('waits where pictures come slower than they are played, and says so', async () => {
    await using server = await mock({ latency: { per_frame: { distribution: 'fixed', ms: 80 } } });
    await using playground = await PlaygroundPage.open(browser, server.url);
    await playground.type('a');
    await playground.note(/Generated slower than real time/);
    await playground.hasEnded();
    expect((await playground.video()).currentTime).toBeGreaterThan(segmentSeconds - 0.2);
  });

  test('counts the seconds to the next try, ends the video in the meantime, and names buttons that are there', async () => {
    const server = await mock({ stall: { at_frame: 24, segment: 1, timeout_seconds: 100_000 } });
    await using playground = await PlaygroundPage.open(browser, server.url);
    await playground.type('a');
    await eventually(async () => expect((await playground.video()).ranges).toHaveLength(1));
    server.signal('SIGKILL');
    await server.stop();
    await playground.page.locator('#numbers', { hasText: /^next try in \d+ s$/ }).waitFor();
    await playground.waitForStatus(/Connect now/);
    await playground.button('Connect now').waitFor();
    // No spinner turns over what is played.
    await playground.hasEnded();
    await playground.button('End session').click();
    await playground.waitForStatus(/choose Connect/);
    await playground.button('Connect').waitFor();
    expect(await playground.page.locator('#numbers').textContent()).not.toContain('next try');
  });

  test('says that an idle page holds the worker, and that a server is warming up', async () => {
    await using server = await startServer({ command: 'serve', args: small });
    await using idle = await PlaygroundPage.open(browser, server.url);
    await idle.type('a');
    await idle.segments('done', 1);
    await using waiting = await PlaygroundPage.open(browser, server.url);
    await waiting.type('b');
    await waiting.waitForStatus('A worker is held by an idle session. Your position in the queue: 1.');
    await idle.button('End session').click();
    await waiting.segments('done', 1);
    // A warm-up of a segment this long does not end while the test looks.
    const endless = [...small, '--default_request.sampling.num_frames', '10000'];
    await using warming = await startServer({ command: 'serve', args: endless });
    await using early = await PlaygroundPage.open(browser, warming.url);
    await early.type('c');
    await early.waitForStatus('The server is warming up. Your position in the queue: 1.');
    warming.signal('SIGKILL');
  });

  test('tells what is wrong with the picture that was chosen, in words for who chose it', async () => {
    await using server = await mock({});
    await using playground = await PlaygroundPage.open(browser, server.url);
    const image = { name: 'fox.png', mimeType: 'image/png', buffer: Buffer.from('no picture') };
    await playground.page.locator('#image').setInputFiles(image);
    await playground.type('a');
    await playground.waitForAlert(
      'fox.png is no PNG, JPEG or WebP picture; choose another one, then Connect.',
    );
    expect(await playground.alert()).not.toContain('base64');
  });
});
