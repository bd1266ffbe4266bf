import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { rssKiB } from '../../../bench/support/process-cost.ts';
import { median } from '../../../bench/support/statistics.ts';
import { descendantPids } from '../../support/child-pids.ts';
import { launchChromium } from '../../support/chromium.ts';
import { startServer } from '../../support/server-process.ts';
import { LivePage } from './live-page.ts';
import type { LiveSample } from './verdict.ts';

export interface LiveSoakOptions {
  readonly command: 'serve' | 'mock';
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Of a segment. */
  readonly frames: number;
  readonly secondsPerSample: number;
  /** Whether that was all. */
  readonly isDone: (samples: readonly LiveSample[]) => boolean;
  /** Between two changes of the prompt. */
  readonly secondsPerPrompt: number;
  readonly onSample?: (sample: LiveSample) => void;
}

/** An endless live stream in Chromium, measured now and then. Throws when the page has a fault. */
export async function liveSoak(options: LiveSoakOptions): Promise<readonly LiveSample[]> {
  const { command, width, height, fps, frames } = options;
  const sampling = Object.entries({ width, height, fps, num_frames: frames });
  const args = sampling.map(([key, value]) => `--default_request.sampling.${key}=${value}`);
  await using server = await startServer({
    command,
    args: [...args, '--streaming.generation_segment_cap', '0'],
  });
  await using browser = await launchChromium();
  await using page = await LivePage.open(browser, server);
  const begun = performance.now();
  const ended = new AbortController();
  const changes = changePrompts(page, options.secondsPerPrompt, ended.signal);
  const lateness = monitorEventLoopDelay();
  lateness.enable();
  const samples: LiveSample[] = [];
  try {
    while (!options.isDone(samples)) {
      await Promise.race([delay(options.secondsPerSample * 1000), changes]);
      const lateMs = lateness.max / 1e6;
      lateness.reset();
      const minute = (performance.now() - begun) / 60_000;
      const sample = { ...(await measure(page, server.pid)), minute, lateMs };
      samples.push(sample);
      options.onSample?.(sample);
      const [fault] = page.element.faults;
      if (fault !== undefined) throw new Error(`The page has a fault: ${fault}`);
    }
  } finally {
    lateness.disable();
    ended.abort();
    await changes;
  }
  return samples;
}

async function changePrompts(page: LivePage, seconds: number, ended: AbortSignal): Promise<void> {
  for (let change = 1; !ended.aborted; change += 1) {
    await delay(seconds * 1000, undefined, { signal: ended }).catch(() => undefined);
    if (!ended.aborted) await page.setPrompt(`A lighthouse in storm ${change}`);
  }
}

async function measure(page: LivePage, serverPid: number): Promise<Omit<LiveSample, 'minute' | 'lateMs'>> {
  const seen = await page.take();
  const { rendererPid, heapMiB, nodes, listeners } = await page.memory();
  const workers = await descendantPids(serverPid);
  const { currentTime, events, edges, heads, latencies, bufferedRanges, bufferedSeconds } = seen;
  const { wentBack, segments, disorder, steered, entries, waiting } = seen;
  if (latencies.length === 0) throw new Error(`Nothing was played at ${currentTime} s.`);
  return {
    edge: median(edges),
    head: median(heads),
    latency: median(latencies),
    leastLatency: Math.min(...latencies),
    mostLatency: Math.max(...latencies),
    bufferedRanges,
    bufferedSeconds,
    wentBack,
    stops: events['buffering'] ?? 0,
    jumps: events['jump'] ?? 0,
    gaps: events['gap'] ?? 0,
    errors: events['error'] ?? 0,
    segments,
    disorder,
    steered,
    entries,
    waiting,
    serverMiB: rssKiB(serverPid) / 1024,
    workersMiB: workers.reduce((sum, pid) => sum + rssKiB(pid) / 1024, 0),
    rendererMiB: rssKiB(rendererPid) / 1024,
    heapMiB,
    nodes,
    listeners,
  };
}
