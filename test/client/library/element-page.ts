import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { hangLimitMs } from '../../support/hang-limit.ts';

/** What the page kept of what it saw; times in seconds. */
export interface Seen {
  readonly currentTime: number;
  /** Seconds from the play head to the end of what is buffered. */
  readonly ahead: number;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly muted: boolean;
  /** Types of the element's events. */
  readonly events: readonly string[];
  /** From where to where the play head went back, in seconds. */
  readonly wentBack: readonly (readonly [number, number])[];
  /** Any machine may be slow, so that this is not among the events. */
  readonly isSlow: boolean;
  /** What was buffered when it began to play, where the test's script keeps that. */
  readonly firstPlayed?: number;
  readonly status: string;
}

/** Watches the play head from the first picture on. */
const watch = `
  window.seen = { events: [], wentBack: [], isSlow: false };
  for (const type of ['error', 'gap', 'slow', 'muted', 'jump']) {
    const keep = ({ target }) => {
      if (target.localName !== 'fastvideo-player') return;
      if (type === 'slow') window.seen.isSlow = true;
      else window.seen.events.push(type);
    };
    document.addEventListener(type, keep, true);
  }
  let last = 0;
  setInterval(() => {
    const now = document.querySelector('fastvideo-player')?.video?.currentTime ?? 0;
    // When it runs dry Chromium's clock may be a moment ahead.
    if (now < last - 0.1) window.seen.wentBack.push([last, now]);
    last = now;
  }, 20);
`;

/** A page of another origin than the server's, with the element from the server's `/client.js`. */
export class ElementPage implements AsyncDisposable {
  readonly page: Page;
  readonly faults: string[] = [];
  readonly #close: () => Promise<void>;

  private constructor(page: Page, close: () => Promise<void>) {
    this.page = page;
    this.#close = close;
    page.on('pageerror', (error) => this.faults.push(error.message));
  }

  /** `attributes` of the element; `script` runs before the page's own; `inTab`: a tab beside the others, not a window. */
  static async open(
    browser: Browser,
    server: { readonly url: string },
    attributes: string,
    { script = '', inTab = false } = {},
  ): Promise<ElementPage> {
    const html = `<!doctype html>
<html lang="en">
  <head>
    <title>Ten lines</title>
    <script type="module" src="${server.url}/client.js"></script>
  </head>
  <body>
    <fastvideo-player ${attributes}></fastvideo-player>
  </body>
</html>`;
    const site = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    const context = (inTab ? browser.contexts()[0] : undefined) ?? (await browser.newContext());
    context.setDefaultTimeout(hangLimitMs);
    const page = await context.newPage();
    const element = new ElementPage(page, async () => {
      await (inTab ? page.close() : context.close());
      site.close();
    });
    await page.addInitScript(`${watch}\n${script}`);
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    return element;
  }

  async seen(): Promise<Seen> {
    return await this.page.evaluate<Seen>(`(() => {
      const { video, session } = document.querySelector('fastvideo-player');
      const { buffered, currentTime, paused, ended, muted } = video;
      const ahead = buffered.length === 0 ? 0 : buffered.end(buffered.length - 1) - currentTime;
      return { ...window.seen, currentTime, ahead, paused, ended, muted, status: session?.status.phase ?? '' };
    })()`);
  }

  /** Waits until the play head is at this time or behind it. */
  async playedUntil(seconds: number): Promise<void> {
    await expect.poll(async () => (await this.seen()).currentTime).toBeGreaterThanOrEqual(seconds);
  }

  async hasEnded(): Promise<void> {
    await expect.poll(async () => (await this.seen()).ended).toBe(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
