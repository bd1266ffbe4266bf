import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

describe('the controls of the playground', needs(chromium), () => {
  let browser: Browser;
  let server: ServerProcess;

  beforeAll(async () => {
    browser = await launchChromium();
    server = await startServer({ command: 'serve', args: small });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const property = async (playground: PlaygroundPage, name: string) =>
    await playground.page.evaluate<unknown>(`document.querySelector('video').${name}`);
  const becomes = async (playground: PlaygroundPage, name: string, value: unknown) =>
    await expect.poll(() => property(playground, name)).toBe(value);

  test('the empty page says first what the model paints, and one click plays an example', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url);
    const welcome = playground.page.locator('.welcome');
    await welcome.getByText('does not depict the prompt').waitFor();
    await welcome.getByRole('button', { name: 'Play “Violet and gold”' }).click();
    await playground.segments('done', 1);
    await playground.playedUntil(1);
    expect((await playground.video()).audioBytes).toBeGreaterThan(0);
    await welcome.waitFor({ state: 'hidden' });
    expect(playground.faults).toEqual([]);
  });

  test('plays and pauses, and has the sound, the volume and the full screen', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url);
    await playground.type('Violet and gold');
    await playground.segments('done', 1);
    await playground.hasEnded();
    // So that it does not end before it is paused.
    await playground.page.evaluate(`document.querySelector('video').playbackRate = 0.1`);
    await playground.button('Play', true).click();
    await playground.button('Pause', true).click();
    await playground.page.evaluate(`document.querySelector('video').playbackRate = 1`);
    await becomes(playground, 'paused', true);
    const { currentTime } = await playground.video();
    expect(currentTime).toBeLessThan(segmentSeconds);
    await playground.button('Mute').click();
    await becomes(playground, 'muted', true);
    await playground.button('Unmute').click();
    await becomes(playground, 'muted', false);
    await playground.page.getByLabel('Volume').fill('0.5');
    await becomes(playground, 'volume', 0.5);
    await playground.page.getByLabel('Position').fill('0.5');
    await playground.hasEnded();
    await playground.button('Full screen').click();
    const fullScreen = () => playground.page.evaluate(`document.fullscreenElement?.id`);
    await expect.poll(fullScreen).toBe('screen');
    await playground.button('Full screen').click();
    await expect.poll(fullScreen).toBeUndefined();
    expect(playground.faults).toEqual([]);
  });

  test('each segment shows its picture, and a click on it plays it again', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url);
    await playground.type('Violet and gold');
    await playground.type('Turquoise over black');
    await playground.segments('done', 2);
    await playground.hasEnded();
    const pictured = await playground.page.evaluate(`[...document.querySelectorAll('#segments canvas')].map(
      (canvas) => canvas.getContext('2d').getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[3])`);
    expect(pictured).toEqual([255, 255]);
    await playground.page.evaluate(`(() => {
      const video = document.querySelector('video');
      video.addEventListener('seeking', () => { window.soughtTo = video.currentTime; });
    })()`);
    await playground.button('Play segment 2 again: Turquoise over black').click();
    const soughtTo = async () => await playground.page.evaluate<number>('window.soughtTo');
    await expect.poll(soughtTo).toBeCloseTo(segmentSeconds, 1);
    await playground.hasEnded();
    await playground.button('Play segment 1 again: Violet and gold').click();
    await expect.poll(soughtTo).toBeCloseTo(0, 1);
    await playground.hasEnded();
    expect((await playground.video()).currentTime).toBeGreaterThan(2 * segmentSeconds - 0.2);
  });

  test('the shape and the size are chosen where the server offers them, also by a link', async () => {
    await using mock = await startServer({ command: 'mock', args: small });
    await using playground = await PlaygroundPage.open(browser, `${mock.url}/?aspect_ratio=9:16`);
    const { page } = playground;
    await page.locator('#options summary').click();
    const shape = page.getByLabel('Shape', { exact: true });
    await expect.poll(() => shape.inputValue()).toBe('9:16');
    await page.getByLabel('Size', { exact: true }).getByText('720p').waitFor({ state: 'attached' });
    await shape.selectOption('1:1');
    await page.getByLabel('Prompt', { exact: true }).focus();
    await playground.type('First prompt');
    await page.locator('#model', { hasText: ', 480×480, 24 frames a second.' }).waitFor();
    await becomes(playground, 'videoWidth', 480);
    await using other = await PlaygroundPage.open(browser, server.url);
    await other.page.locator('#options summary').click();
    await other.page.getByLabel('Seed').waitFor();
    expect(await other.page.locator('#shape').isVisible()).toBe(false);
  });

  test('in a live stream the latency and the rate are shown, and there is a way back to it', async () => {
    await using playground = await PlaygroundPage.open(browser, `${server.url}/?live=1`);
    await playground.type('Violet and gold');
    const live = playground.button(/^Live, [\d.]+ s behind, [\d.]+×$/);
    await live.waitFor();
    await playground.segments('done', 2);
    await playground.button('Play segment 1 again: Violet and gold').click();
    await playground.button('Go live').click();
    await live.waitFor();
    await eventually(async () => {
      const { currentTime, ranges } = await playground.video();
      expect((ranges.at(-1)?.[1] ?? 0) - currentTime).toBeLessThan(segmentSeconds);
    });
    expect(playground.faults).toEqual([]);
  });
});
