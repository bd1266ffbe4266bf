import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { difference, frameOf } from '../contract/film.ts';
import { putScenario } from '../mock/dialects.ts';
import { chromium, launchChromium } from '../support/chromium.ts';
import { needs } from '../support/needs.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { eventually } from '../support/wait-for.ts';
import { PlaygroundPage, patient, type VideoState } from './playground-page.ts';

const framesPerSegment = 48;
const segmentSeconds = 2;
/** Small pictures, so that they are soon made and played. */
const small = [
  ...['--default_request.sampling.width', '160', '--default_request.sampling.height', '96'],
  ...patient,
];

/**
 * Chromium's policy for a page that was not touched yet. It cannot be had in earnest: all that the driver does counts
 * as a touch.
 */
const silentAutoplayOnly = `
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    return this.muted ? play.call(this) : Promise.reject(new DOMException('no touch', 'NotAllowedError'));
  };
`;

describe('the playground in Chromium', needs(chromium), () => {
  let browser: Browser;
  /** With the embedded network. Its one worker is free again when a test has closed its page. */
  let server: ServerProcess;

  beforeAll(async () => {
    browser = await launchChromium();
    server = await startServer({ command: 'serve', args: small });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test('Live: the video runs on by itself, and what is sent changes the running picture', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url);
    await playground.page.locator('#live').check();
    await playground.page.locator('#prompt').focus();
    await playground.type('A lighthouse in a violet storm');
    await playground.segments('done', 2);
    // At the very end of a segment the words are those of the next one: then they are sent once more.
    await eventually(async () => {
      await playground.type('A green forest');
      await playground.page.getByText('The picture turns to “A green forest”').waitFor({ timeout: 1500 });
    });
    await playground.page.locator('#segments').getByText('A green forest').first().waitFor();
    await playground.page.locator('#live').uncheck();
    expect(playground.faults).toEqual([]);
  });

  test('rolls a seed, and takes a picture that is dropped on the page', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url);
    const { page } = playground;
    await page.locator('#options summary').click();
    await page.getByRole('button', { name: 'Roll' }).click();
    expect(await page.locator('#seed').inputValue()).toMatch(/^\d+$/);
    const files = await page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['x'], 'fox.png', { type: 'image/png' }));
      return transfer;
    })()`);
    await page.locator('#screen').dispatchEvent('drop', { dataTransfer: files });
    expect(await page.evaluate(`document.querySelector('#image').files[0].name`)).toBe('fox.png');
  });

  test('the video fills its box in windows of any shape', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url);
    await playground.type('A lighthouse in a violet storm');
    await playground.segments('done', 1);
    for (const [width, height] of [
      [1280, 800],
      [1280, 720],
      [844, 390],
      [390, 844],
    ] as const) {
      await playground.page.setViewportSize({ width, height });
      const box = await playground.page.locator('#screen').boundingBox();
      expect(box && box.width / box.height).toBeCloseTo(160 / 96, 2);
    }
  });

  test('three typed prompts play in a row, with sound, without a seam', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url);
    await playground.type('A lighthouse in a violet storm');
    await playground.type('Dunes under a turquoise sky');
    await playground.type('Neon rain at night');
    await playground.segments('done', 3);
    for (const boundary of [segmentSeconds, 2 * segmentSeconds]) {
      await playground.playedUntil(boundary + 0.2);
      const { ranges, error } = await playground.video();
      expect(ranges).toHaveLength(1);
      expect(error).toBeNull();
    }
    await playground.playedUntil(3 * segmentSeconds - 0.2);
    await eventually(async () => expectOneRange(await playground.video(), 3));
    const video = await playground.video();
    expect(video.mode).toBe('segments');
    expect(video.declaredMime).toMatch(/^video\/mp4; codecs="avc1\.[0-9a-f]{6}, mp4a\.40\.2"$/);
    expect(video.audioBytes).toBeGreaterThan(0);
    expect(video.videoBytes).toBeGreaterThan(0);
    expect(video.muted).toBe(false);
    expect(video.error).toBeNull();
    expect(playground.faults).toEqual([]);
  });

  test('each segment is listed with its timings, and the page says what the network does not do', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url);
    await playground.button('Violet and gold').last().click();
    await playground.segments('done', 1);
    const row = await playground.page.locator('#segments > li').textContent();
    expect(row).toContain('Violet and gold');
    expect(row).toMatch(
      /first\sframe\s[\d.]+\sm?s · generated\sin\s[\d.]+\sm?s · 48\sframes · 2\ss\sof\svideo/,
    );
    expect(await playground.page.locator('#model').textContent()).toContain('does not depict the prompt');
  });

  test('the download is one MP4 of all segments that other players read', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url);
    await playground.type('a');
    await playground.type('b');
    await playground.segments('done', 2);
    const [download] = await Promise.all([
      playground.page.waitForEvent('download'),
      playground.button(/Download MP4/).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^fastvideo-.*\.mp4$/);
    const path = join(server.directory, 'download.mp4');
    await download.saveAs(path);
    const times = await presentationTimes(path);
    expect(times).toHaveLength(2 * framesPerSegment);
    expect(times).toEqual(times.toSorted((left, right) => left - right));
  });

  test('while paused, prompts wait and none is lost', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url);
    await playground.type('a');
    await playground.segments('done', 1);
    await playground.button('Pause generation').click();
    await playground.page.getByLabel('Prompt', { exact: true }).focus();
    await playground.type('b');
    await playground.type('c');
    await playground.waitForStatus('Paused, 2 waiting');
    await playground.button('Resume generation').click();
    await playground.segments('done', 3);
  });

  test('a segment that is cancelled ends at once, and the next prompt is made', async () => {
    await using mock = await startServer({ command: 'mock', args: small });
    const scenario = { stall: { at_frame: 5, segment: 1, timeout_seconds: 100_000 } };
    expect((await putScenario(mock.url, scenario)).status).toBe(200);
    await using playground = await PlaygroundPage.open(browser, mock.url);
    await playground.type('a');
    await playground.type('b');
    await playground.segments('running', 1);
    await playground.button('Cancel segment').click();
    await playground.segments('cancelled', 1);
    await playground.segments('done', 1);
  });

  test('what the server refuses is said in words, and the option is taken back', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url);
    await playground.type('a');
    await playground.segments('done', 1);
    await playground.page.getByText('Options', { exact: true }).click();
    const box = playground.page.getByLabel(/Enhance prompts/);
    // Not `check`: the page takes the tick away again.
    await box.click();
    await playground.waitForAlert(/did not accept that\. Enhancement needs a prompt provider/);
    expect(await box.isChecked()).toBe(false);
    await playground.button('Dismiss').click();
    expect(await playground.page.getByRole('alert').textContent()).toBe('');
    expect(await focusedId(playground)).toBe('prompt');
  });

  test('after a restart of the server the page connects again by itself and goes on', async () => {
    const first = await startServer({ command: 'serve', args: small });
    const { port } = new URL(first.url);
    await using playground = await PlaygroundPage.open(browser, first.url);
    await playground.type('a');
    await playground.segments('done', 1);
    await first.stop();
    await playground.waitForStatus(/No connection/);
    await playground.type('b');
    await using _second = await startServer({ command: 'serve', args: [...small, '--server.port', port] });
    await playground.segments('done', 2);
    await eventually(async () => expect((await playground.video()).error).toBeNull());
    await playground.button('Earlier session 1').waitFor();
  });

  test('a session that was ended begins anew with the next prompt', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url);
    await playground.type('a');
    await playground.segments('done', 1);
    await playground.button('End session').click();
    await playground.waitForStatus('You ended the session.');
    await playground.page.getByLabel('Prompt', { exact: true }).focus();
    await playground.type('b');
    await playground.segments('done', 2);
    // A segment is done for the list before it is in the buffer.
    await eventually(async () => expectOneRange(await playground.video(), 1));
  });

  test('at the segment cap the page goes on in another session, in one film, from the last picture', async () => {
    await using capped = await startServer({
      command: 'serve',
      args: [...small, '--streaming.generation_segment_cap', '2'],
    });
    await using playground = await PlaygroundPage.open(browser, capped.url);
    for (let count = 0; count < 3; count += 1) await playground.type('a red fox');
    await playground.segments('done', 3);
    const note = playground.page.locator('#session-note');
    expect(await note.textContent()).toBe(
      'The session reached the segment limit of the server; session 2 continues from the last picture.',
    );
    await playground.playedUntil(2 * segmentSeconds + 0.2);
    await eventually(async () => expectOneRange(await playground.video(), 3));
    const [download] = await Promise.all([
      playground.page.waitForEvent('download'),
      playground.button(/Download MP4/).click(),
    ]);
    expect(await playground.button(/Earlier session/).count()).toBe(0);
    const path = join(capped.directory, 'film.mp4');
    await download.saveAs(path);
    const times = await presentationTimes(path);
    expect(times).toHaveLength(3 * framesPerSegment);
    const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.min(...steps)).toBeGreaterThan(0.04);
    expect(Math.max(...steps)).toBeLessThan(0.043);
    const film = await readFile(path);
    const [first, last, next] = [0, 2 * framesPerSegment - 1, 2 * framesPerSegment].map((at) =>
      frameOf(film, at),
    );
    const [beginning, before, behind] = [await first, await last, await next];
    if (!beginning || !before || !behind) throw new Error('The film has too few frames.');
    // Neighbours are alike, and a film that began anew would show its first picture again.
    expect(difference(before, behind)).toBeLessThan(difference(beginning, behind) / 2);
    expect(playground.faults).toEqual([]);
  });

  test('a missing API key is told with the remedy, and ?api_key= lets the page in', async () => {
    const args = [...small, '--server.api_keys', '["open sesame"]'];
    await using closed = await startServer({ command: 'serve', args });
    await using locked = await PlaygroundPage.open(browser, closed.url);
    await locked.type('a');
    await locked.waitForAlert(/\?api_key=YOUR_KEY/);
    await locked.waitForStatus(/Not connected/);
    await using open = await PlaygroundPage.open(browser, `${closed.url}/?api_key=open%20sesame`);
    await open.type('a');
    await open.segments('done', 1);
  });

  test('where the browser plays without a click only in silence, a button turns the sound on', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url, { script: silentAutoplayOnly });
    await playground.type('a');
    await playground.segments('done', 1);
    await playground.playedUntil(0.5);
    expect((await playground.video()).muted).toBe(true);
    await playground.button('Turn sound on').click();
    expect((await playground.video()).muted).toBe(false);
    await playground.button('Turn sound on').waitFor({ state: 'hidden' });
    await playground.playedUntil(1);
  });

  test('on a phone nothing is wider than the screen, and the focus stays in the prompt', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url, { width: 360, height: 740 });
    await playground.page.getByText('Options', { exact: true }).click();
    await playground.page.getByLabel('Prompt', { exact: true }).focus();
    await playground.type('a'.repeat(300));
    await playground.segments('done', 1);
    expect(await playground.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await focusedId(playground)).toBe('prompt');
  });
});

/** Sound that does not fill an AAC frame comes with the next segment: up to 0.1 s may be missing at the end. */
function expectOneRange({ ranges }: VideoState, segments: number): void {
  expect(ranges).toHaveLength(1);
  const [start, end] = ranges[0] ?? [];
  expect(start).toBe(0);
  expect(end).toBeGreaterThan(segments * segmentSeconds - 0.1);
  expect(end).toBeLessThan(segments * segmentSeconds + 0.1);
}

async function focusedId({ page }: PlaygroundPage): Promise<unknown> {
  return await page.evaluate('document.activeElement.id');
}

/** Presentation times of all frames of the file in seconds, in the order of the file, read by ffprobe. */
async function presentationTimes(path: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', path],
  ]);
  return stdout.trim().split('\n').map(Number.parseFloat);
}
