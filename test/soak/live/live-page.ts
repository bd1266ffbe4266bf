import type { Browser, CDPSession } from 'playwright-core';
import { ElementPage } from '../../client/library/element-page.ts';

/** What the page saw since it was asked before; seconds unless said otherwise. */
export interface PageSeen {
  /** Seconds of the page's clock at which it was asked. */
  readonly at: number;
  /** Of each look: end of the buffer less the page's clock. */
  readonly edges: readonly number[];
  /** Of each look: play head less the page's clock. */
  readonly heads: readonly number[];
  /** Of each look: end of the buffer less the play head. */
  readonly latencies: readonly number[];
  readonly currentTime: number;
  readonly bufferedRanges: number;
  readonly bufferedSeconds: number;
  /** Since the beginning: how often the play head went back, and the element's events by type. */
  readonly wentBack: number;
  readonly events: Readonly<Record<string, number>>;
  /** Since the beginning: segments that ended, and changes of the prompt that the running segment took. */
  readonly segments: number;
  readonly steered: number;
  /** Since the beginning: segments that did not follow the one before. */
  readonly disorder: number;
  /** Entries of segments that the session keeps, and those among them that are not over. */
  readonly entries: number;
  readonly waiting: number;
}

/** What the page holds in memory. */
export interface PageMemory {
  /** Of JavaScript, after a garbage collection. */
  readonly heapMiB: number;
  readonly nodes: number;
  readonly listeners: number;
  /** In RAM, of the process that renders the page. */
  readonly rendererPid: number;
}

/** Ten times a second it looks at the play head and the buffer. */
const watch = `{
  window.live = { edges: [], heads: [], latencies: [], wentBack: 0, events: {}, segments: 0,
    disorder: 0, steered: 0 };
  let nextIdx = 0;
  for (const type of ['error', 'gap', 'slow', 'buffering', 'jump', 'ended', 'segment_end']) {
    document.addEventListener(type, ({ target, detail }) => {
      if (target.localName !== 'fastvideo-player') return;
      if (type === 'segment_end') {
        window.live.segments += 1;
        if (detail.segmentIdx !== nextIdx) window.live.disorder += 1;
        nextIdx = detail.segmentIdx + 1;
      } else if (detail?.active !== false) window.live.events[type] = (window.live.events[type] ?? 0) + 1;
    }, true);
  }
  document.addEventListener('session', ({ target }) => {
    target.session.subscribe(({ type, frame }) => {
      if (type === 'frame' && frame.type === 'prompt_updated') window.live.steered += 1;
    });
  }, { capture: true, once: true });
  let last = 0;
  setInterval(() => {
    const video = document.querySelector('fastvideo-player')?.video;
    if (!video?.buffered.length || video.currentTime === 0) return;
    const { currentTime } = video;
    const end = video.buffered.end(video.buffered.length - 1);
    const clock = performance.now() / 1000;
    // When it runs dry Chromium's clock may be a moment ahead.
    if (currentTime < last - 0.1) window.live.wentBack += 1;
    last = currentTime;
    window.live.edges.push(end - clock);
    window.live.heads.push(currentTime - clock);
    window.live.latencies.push(end - currentTime);
  }, 100);
}`;

const take = `(() => {
  const { video, session } = document.querySelector('fastvideo-player');
  const { edges, heads, latencies, ...rest } = window.live;
  Object.assign(window.live, { edges: [], heads: [], latencies: [] });
  const { buffered, currentTime } = video;
  let bufferedSeconds = 0;
  for (let range = 0; range < buffered.length; range += 1) {
    bufferedSeconds += buffered.end(range) - buffered.start(range);
  }
  return {
    ...rest, edges, heads, latencies, currentTime, bufferedSeconds,
    at: performance.now() / 1000,
    bufferedRanges: buffered.length,
    entries: session?.segments.length ?? 0,
    waiting: session?.segments.filter(({ state }) => ['held', 'sent', 'running'].includes(state)).length ?? 0,
  };
})()`;

/** A page of ten lines with an endless live stream. */
export class LivePage implements AsyncDisposable {
  readonly element: ElementPage;
  readonly #browser: Browser;
  readonly #devTools: CDPSession;

  private constructor(element: ElementPage, browser: Browser, devTools: CDPSession) {
    this.element = element;
    this.#browser = browser;
    this.#devTools = devTools;
  }

  /** Resolves when it plays. */
  static async open(browser: Browser, server: { readonly url: string }): Promise<LivePage> {
    const attributes = 'prompt="A lighthouse in a violet storm" autoplay muted live continuous';
    const element = await ElementPage.open(browser, server, attributes, { script: watch });
    const devTools = await element.page.context().newCDPSession(element.page);
    await devTools.send('Performance.enable');
    await element.page.waitForFunction(`document.querySelector('fastvideo-player').video?.currentTime > 0`);
    return new LivePage(element, browser, devTools);
  }

  /** What it saw since the last call. */
  async take(): Promise<PageSeen> {
    return await this.element.page.evaluate<PageSeen>(take);
  }

  async setPrompt(prompt: string): Promise<void> {
    await this.element.page.evaluate(
      `document.querySelector('fastvideo-player').prompt = ${JSON.stringify(prompt)}`,
    );
  }

  async memory(): Promise<PageMemory> {
    await this.#devTools.send('HeapProfiler.collectGarbage');
    const { metrics } = await this.#devTools.send('Performance.getMetrics');
    const metric = (name: string) => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
    return {
      heapMiB: metric('JSHeapUsedSize') / 2 ** 20,
      nodes: metric('Nodes'),
      listeners: metric('JSEventListeners'),
      rendererPid: await this.#rendererPid(),
    };
  }

  /** The busiest one: Chromium keeps another in reserve that shows nothing. */
  async #rendererPid(): Promise<number> {
    const session = await this.#browser.newBrowserCDPSession();
    try {
      const { processInfo } = await session.send('SystemInfo.getProcessInfo');
      const renderers = processInfo.filter(({ type }) => type === 'renderer');
      const busiest = renderers.toSorted((one, other) => other.cpuTime - one.cpuTime)[0];
      if (!busiest) throw new Error('Chromium has no process that renders a page.');
      return busiest.id;
    } finally {
      await session.detach();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.element[Symbol.asyncDispose]();
  }
}
