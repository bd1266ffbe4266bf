import { NativeClient, type SegmentTimes } from './native-client.ts';
import { treeCpuMs } from './process-cost.ts';

export interface MeasuredServer {
  readonly url: string;
  readonly pid: number;
}

export interface Round {
  readonly times: readonly SegmentTimes[];
  readonly perSecond: number;
  /** Of the server with its children, for each segment. */
  readonly cpuMs: number;
}

/** The server said nothing to anyone for too long. */
export interface Stall {
  readonly stalledAfterMs: number;
  /** Segments that were complete by then. */
  readonly completed: number;
}

const watchEveryMs = 200;

/**
 * So many sessions at once, with so many segments each. `stallMs` is how long the server may say nothing to anyone
 * before it is left alone; it is of no more use then.
 */
export async function runRound(
  server: MeasuredServer,
  sessions: number,
  each: number,
  stallMs: number,
): Promise<Round | Stall> {
  const clients = await Promise.all(Array.from({ length: sessions }, () => NativeClient.connect(server.url)));
  const times: SegmentTimes[] = [];
  const cpuBefore = treeCpuMs(server.pid);
  const startedAt = performance.now();
  const work = Promise.all(
    clients.map(async (client, index) => {
      for (let segment = 0; segment < each; segment += 1) {
        times.push(await client.segment(`session ${index}, segment ${segment}`));
      }
    }),
  );
  const silence = new AbortController();
  const stalled = silenceOf(clients, stallMs, silence.signal);
  try {
    if ((await Promise.race([work.then(() => 'done'), stalled])) === 'stalled') {
      return { stalledAfterMs: stallMs, completed: times.length };
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const count = sessions * each;
    const cpuMs = (treeCpuMs(server.pid) - cpuBefore) / count;
    await Promise.all(clients.map((client) => client.close()));
    return { times, perSecond: count / seconds, cpuMs };
  } finally {
    silence.abort();
    for (const client of clients) client.terminate();
    await work.catch(() => undefined);
  }
}

export function isStall(result: Round | Stall): result is Stall {
  return 'stalledAfterMs' in result;
}

/** Resolves when none of them has heard anything for so long; never where `signal` comes first. */
function silenceOf(clients: readonly NativeClient[], stallMs: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const last = Math.max(...clients.map(({ lastMessageAt }) => lastMessageAt));
      if (performance.now() - last >= stallMs) resolve('stalled');
    }, watchEveryMs);
    signal.addEventListener('abort', () => clearInterval(timer));
  });
}
