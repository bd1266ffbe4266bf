import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { putScenario } from '../../mock/dialects.ts';
import { patient } from '../../playground/playground-page.ts';
import { readyRouter, rowsOf } from '../../router/router-process.ts';
import { chromium, launchChromium } from '../../support/chromium.ts';
import { needs } from '../../support/needs.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { eventually } from '../../support/wait-for.ts';
import { ElementPage } from './element-page.ts';

/** Small pictures, so that they are soon made and played. */
const small = [
  ...['--default_request.sampling.width', '160', '--default_request.sampling.height', '96'],
  ...patient,
];
/** Muted: Chromium plays sound only after a touch. */
const playing = 'prompt="A lighthouse in a violet storm" autoplay muted';
const segmentSeconds = 2;
const frameEvery = (ms: number) => ({ latency: { per_frame: { distribution: 'fixed', ms } } });

/** Chromium's policy for a page that was not touched yet. */
const silentAutoplayOnly = `
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    return this.muted ? play.call(this) : Promise.reject(new DOMException('no touch', 'NotAllowedError'));
  };
`;

describe('<fastvideo-player> in Chromium', needs(chromium), () => {
  let browser: Browser;
  let mock: ServerProcess;

  beforeAll(async () => {
    browser = await launchChromium();
    mock = await startServer({ command: 'mock', args: small });
  });

  afterAll(async () => {
    await browser?.close();
    await mock?.stop();
  });

  test.each(['mock', 'serve', 'router'] as const)('plays %s from a page of ten lines', async (command) => {
    await using served = await startServer({ command: command === 'serve' ? 'serve' : 'mock', args: small });
    await using router = command === 'router' ? await readyRouter([served.url]) : undefined;
    const server = router ?? served;
    await using element = await ElementPage.open(browser, server, playing);
    await element.hasEnded();
    const { currentTime, wentBack, events } = await element.seen();
    expect(currentTime).toBeGreaterThan(segmentSeconds - 0.2);
    expect(wentBack).toEqual([]);
    expect(events).toEqual([]);
    expect(element.faults).toEqual([]);
  });

  test("goes on through the death of the router's replica, and never back", async () => {
    await using one = await startServer({ command: 'mock', args: small });
    await using other = await startServer({ command: 'mock', args: small });
    // Faster than real time, and so slow that the death comes in the middle of a segment.
    for (const { url } of [one, other]) expect((await putScenario(url, frameEvery(25))).status).toBe(200);
    await using router = await readyRouter([one.url, other.url]);
    await using element = await ElementPage.open(browser, router, `${playing} continuous`);
    await element.playedUntil(1);
    const rows = await rowsOf(router);
    const busy = rows.find(({ active_sessions }) => active_sessions > 0);
    const killed = [one, other].find(({ url }) => url === busy?.url);
    expect(killed).toBeDefined();
    const { currentTime } = await element.seen();
    killed?.signal('SIGKILL');
    await killed?.exited;
    await element.playedUntil(currentTime + 3 * segmentSeconds);
    const { wentBack, events } = await element.seen();
    expect(wentBack).toEqual([]);
    expect(events).not.toContain('error');
    expect(element.faults).toEqual([]);
  });

  test('ends the video where nothing is to come, and plays on with the next prompt', async () => {
    await using element = await ElementPage.open(browser, mock, playing);
    await element.hasEnded();
    await element.page.evaluate(`document.querySelector('fastvideo-player').prompt = 'Dunes'`);
    await element.playedUntil(2 * segmentSeconds - 0.2);
    await element.hasEnded();
    expect((await element.seen()).wentBack).toEqual([]);
  });

  test('goes on behind a piece of media that is missing, and says so', async () => {
    await using server = await startServer({ command: 'mock', args: small });
    expect((await putScenario(server.url, 'missing-fragment')).status).toBe(200);
    await using element = await ElementPage.open(browser, server, playing);
    await element.hasEnded();
    const { currentTime, events } = await element.seen();
    expect(currentTime).toBeGreaterThan(segmentSeconds - 0.2);
    expect(events).toEqual(['gap']);
  });

  test('waits until slowly generated pictures play without a stop, and says so', async () => {
    await using server = await startServer({ command: 'mock', args: small });
    expect((await putScenario(server.url, frameEvery(80))).status).toBe(200);
    await using element = await ElementPage.open(browser, server, playing, {
      script: `
        const play = HTMLMediaElement.prototype.play;
        HTMLMediaElement.prototype.play = function () {
          window.seen.firstPlayed ??= this.buffered.end(0);
          return play.call(this);
        };
      `,
    });
    await element.hasEnded();
    const { isSlow, firstPlayed, currentTime } = await element.seen();
    expect(isSlow).toBe(true);
    // Half a second of video comes in a second: with half of the segment ahead the play head does not meet its end.
    expect(firstPlayed).toBeGreaterThan(0.7);
    expect(currentTime).toBeGreaterThan(segmentSeconds - 0.2);
  });

  test('plays without sound where the browser wants that, and with it from the first touch on', async () => {
    const loud = 'prompt="Neon rain" autoplay';
    await using element = await ElementPage.open(browser, mock, loud, { script: silentAutoplayOnly });
    await element.playedUntil(0.3);
    const { muted, events } = await element.seen();
    expect(events).toEqual(['muted']);
    expect(muted).toBe(true);
    await element.page.locator('body').click();
    await eventually(async () => expect((await element.seen()).muted).toBe(false));
  });

  test('without autoplay a button begins', async () => {
    await using element = await ElementPage.open(browser, mock, 'prompt="Dunes" muted');
    expect((await element.seen()).status).toBe('');
    await element.page.getByRole('button', { name: 'Play' }).click();
    await element.hasEnded();
  });

  test('`/client.js` is a client in a worker too', async () => {
    await using element = await ElementPage.open(browser, mock, '');
    const program = `
      import { Session } from '${mock.url}/client.js';
      const session = new Session({ url: '${mock.url}' });
      let bytes = 0;
      for await (const event of session.generate('Dunes')) {
        if ('data' in event) bytes += event.data.length;
      }
      await session.close();
      postMessage(bytes);
    `;
    const bytes = await element.page.evaluate<number>(`new Promise((resolve, reject) => {
      const source = new Blob([${JSON.stringify(program)}], { type: 'text/javascript' });
      const worker = new Worker(URL.createObjectURL(source), { type: 'module' });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    })`);
    expect(bytes).toBeGreaterThan(1000);
  });

  test('with `live` and `continuous` it runs on without end, and the picture follows the prompt', async () => {
    const session = `document.querySelector('fastvideo-player').session`;
    await using element = await ElementPage.open(browser, mock, `${playing} live continuous`, {
      script: `
        window.ends = 0;
        const end = MediaSource.prototype.endOfStream;
        MediaSource.prototype.endOfStream = function () {
          window.ends += 1;
          end.call(this);
        };
      `,
    });
    await element.playedUntil(2 * segmentSeconds + 0.5);
    await element.page.evaluate(`(() => {
      const player = document.querySelector('fastvideo-player');
      window.steered = [];
      player.session.subscribe(({ type, frame }) => {
        if (type === 'frame' && frame.type === 'prompt_updated') window.steered.push(frame.prompt);
      });
    })()`);
    // At the very end of a segment the words are those of the next one: then they are changed once more.
    let change = 0;
    await eventually(async () => {
      change += 1;
      await element.page.evaluate(
        `document.querySelector('fastvideo-player').prompt = 'A green forest ${change}'`,
      );
      await element.playedUntil((await element.seen()).currentTime + 0.2);
      expect(await element.page.evaluate<string[]>('window.steered')).not.toEqual([]);
    });
    const prompts = () =>
      element.page.evaluate<string[]>(`${session}.segments.map(({ request }) => request.prompt)`);
    await expect.poll(prompts).toContain(`A green forest ${change}`);
    await element.playedUntil((await element.seen()).currentTime + segmentSeconds);
    const { wentBack, events } = await element.seen();
    expect(wentBack).toEqual([]);
    expect(events.filter((type) => type !== 'jump')).toEqual([]);
    // A video that ends between two segments may stop there.
    expect(await element.page.evaluate('window.ends')).toBe(0);
    expect(element.faults).toEqual([]);
  });

  test('with `continuous` it has half a minute ahead, not all that the server can make', async () => {
    const args = [...small, '--streaming.generation_segment_cap', '0'];
    await using server = await startServer({ command: 'mock', args });
    await using element = await ElementPage.open(browser, server, `${playing} continuous`);
    const ahead = async () => (await element.seen()).ahead;
    await expect.poll(ahead).toBeGreaterThan(30);
    const { currentTime } = await element.seen();
    const most: number[] = [];
    await eventually(async () => {
      const seen = await element.seen();
      most.push(seen.ahead);
      expect(seen.currentTime).toBeGreaterThan(currentTime + 3 * segmentSeconds);
    });
    // The server makes many times as much in that time as is played.
    expect(Math.max(...most)).toBeLessThan(30 + 8 * segmentSeconds);
    expect(await ahead()).toBeGreaterThan(30 - 3 * segmentSeconds);
  });

  test('stays paused where the person has paused it, and plays on from there', async () => {
    await using element = await ElementPage.open(browser, mock, `${playing} continuous`);
    await element.playedUntil(segmentSeconds);
    await element.page.evaluate(`new Promise((resolve) => {
      const { video } = document.querySelector('fastvideo-player');
      video.addEventListener('pause', resolve, { once: true });
      video.pause();
    })`);
    const { currentTime } = await element.seen();
    // Several looks of the player.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await element.seen()).toMatchObject({ paused: true, currentTime });
    await element.page.evaluate(`document.querySelector('fastvideo-player').video.play()`);
    await element.playedUntil(currentTime + segmentSeconds);
    expect((await element.seen()).wentBack).toEqual([]);
  });

  test('says why it cannot play, in the page and as an event', async () => {
    await using element = await ElementPage.open(browser, mock, `${playing} url="ftp://nowhere/"`);
    await element.page.getByText('url begins with "ftp:"').waitFor();
    expect((await element.seen()).events).toEqual(['error']);
  });
});
