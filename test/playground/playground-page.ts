import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { hangLimitMs } from '../support/hang-limit.ts';

/** What `<video>` and its SourceBuffer say; times in seconds. */
export interface VideoState {
  readonly currentTime: number;
  readonly ranges: readonly (readonly [number, number])[];
  readonly mode: string;
  readonly declaredMime: string;
  readonly audioBytes: number;
  readonly videoBytes: number;
  readonly muted: boolean;
  readonly error: string | null;
}

/** No limit of the server ends anything on a machine on which a page takes minutes. */
export const patient = [
  ...['--streaming.session_timeout_seconds', '100000', '--streaming.init_timeout_seconds', '100000'],
  ...['--streaming.acquire_timeout_seconds', '100000', '--streaming.segment_timeout_seconds', '100000'],
  ...['--streaming.pool.heartbeat_timeout_seconds', '100000', '--server.ping_interval_seconds', '100000'],
];

/** Keeps what the page gave to `addSourceBuffer`, which no property tells afterwards. */
const watchSourceBuffers = `
  const add = MediaSource.prototype.addSourceBuffer;
  MediaSource.prototype.addSourceBuffer = function (mime) {
    const buffer = add.call(this, mime);
    window.watched = { mime, buffer };
    return buffer;
  };
`;

/** The playground in a tab of its own. Whatever it writes to the console as an error is kept in `faults`. */
export class PlaygroundPage implements AsyncDisposable {
  readonly page: Page;
  readonly faults: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text());
    });
  }

  /** `script` runs in the page before its own. The default size is 1280 by 800. */
  static async open(
    browser: Browser,
    url: string,
    { width = 1280, height = 800, script = '' } = {},
  ): Promise<PlaygroundPage> {
    const context = await browser.newContext({ viewport: { width, height }, acceptDownloads: true });
    context.setDefaultTimeout(hangLimitMs);
    const page = await context.newPage();
    const playground = new PlaygroundPage(page);
    await page.addInitScript(`${watchSourceBuffers}
${script}`);
    await page.goto(url);
    return playground;
  }

  /** Types into the field that has the focus, as a visitor who has just come. */
  async type(prompt: string): Promise<void> {
    await this.page.keyboard.type(prompt);
    await this.page.keyboard.press('Enter');
  }

  button(name: string | RegExp, exact = false) {
    return this.page.getByRole('button', { name, exact });
  }

  /** Waits until so many segments of the list are in this state. */
  async segments(state: string, count: number): Promise<void> {
    const rows = this.page.locator(`#segments > li[data-state="${state}"]`);
    await expect.poll(() => rows.count()).toBe(count);
  }

  async waitForStatus(words: string | RegExp): Promise<void> {
    await this.page.locator('#status', { hasText: words }).waitFor();
  }

  async waitForAlert(words: string | RegExp): Promise<void> {
    await this.page.getByRole('alert').filter({ hasText: words }).waitFor();
  }

  /** Waits for these words about the session or the playing. */
  async note(words: string | RegExp): Promise<void> {
    await this.page.locator('#session-note', { hasText: words }).waitFor();
  }

  /** What the alert says now. */
  async alert(): Promise<string> {
    return (await this.page.locator('#alert').textContent()) ?? '';
  }

  /** Waits until the video is played to its end, with no spinner over it. */
  async hasEnded(): Promise<void> {
    await expect.poll(() => this.page.evaluate<boolean>(`document.querySelector('video').ended`)).toBe(true);
  }

  /** Waits until the play head is at this time or behind it. */
  async playedUntil(seconds: number): Promise<void> {
    // Not `waitForFunction`: the page's security policy forbids what that does.
    const currentTime = () => this.page.evaluate<number>(`document.querySelector('video').currentTime`);
    await expect.poll(currentTime).toBeGreaterThanOrEqual(seconds);
  }

  async video(): Promise<VideoState> {
    return await this.page.evaluate<VideoState>(`(() => {
      const video = document.querySelector('video');
      const { buffered } = video;
      return {
        currentTime: video.currentTime,
        ranges: Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)]),
        mode: window.watched.buffer.mode,
        declaredMime: window.watched.mime,
        audioBytes: video.webkitAudioDecodedByteCount,
        videoBytes: video.webkitVideoDecodedByteCount,
        muted: video.muted,
        error: video.error && video.error.message,
      };
    })()`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}
