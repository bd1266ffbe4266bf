import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromium, launchChromium } from '../support/chromium.ts';
import { hangLimitMs } from '../support/hang-limit.ts';
import { needs } from '../support/needs.ts';
import { startServer } from '../support/server-process.ts';
import { documentedClient } from './documented-client.ts';

const playedTo = (seconds: number) => `
  (({ buffered }) => buffered.length === 1 && buffered.end(0) > ${seconds})(document.querySelector('video'))
`;

describe('the client that docs/protocol.md shows', needs(chromium), () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  it('in JavaScript plays the segment in Chromium', async () => {
    await using server = await startServer({ command: 'mock' });
    const tab = await browser.newPage();
    tab.setDefaultTimeout(hangLimitMs);
    // Any page of the server's origin but the playground, which has a session of its own.
    await tab.goto(`${server.url}/healthz`);
    await tab.evaluate(`document.body.append(document.createElement('video'))`);
    await tab.evaluate(documentedClient('js', server));
    // Two seconds less what the sound's last frame has not filled yet; one range, so no gap.
    await tab.waitForFunction(playedTo(1.9));
    expect(await tab.evaluate(`document.querySelector('video').error`)).toBeNull();
  });
});
