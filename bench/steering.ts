import { once } from 'node:events';
import WebSocket from 'ws';
import { mediaEnd } from '../src/core/media/mp4/media-end.ts';
import { startServer } from '../test/support/server-process.ts';
import { sampling } from './segments.ts';
import { treeCpuMs } from './support/process-cost.ts';
import { median, percentile } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const changes = 30;
/** Longer than a fragment, so that each change meets a running stream. */
const pauseMs = 400;

interface Change {
  readonly toldMs: number;
  readonly shownMs: number;
}

/** From a `prompt_update` to the word that it has effect, and to the fragment with the first picture that shows it. */
export async function benchSteering(): Promise<void> {
  const rows = [];
  for (const realtime of [true, false]) {
    // More than seven minutes: the segment lasts until it is left.
    const args = [...sampling(640, 352, 10_000), '--streaming.warmup.enabled', 'false'];
    await using server = await startServer({ command: 'serve', args });
    const cpuBefore = treeCpuMs(server.pid);
    const startedAt = performance.now();
    const all = await steer(server.url, realtime);
    const cores = (treeCpuMs(server.pid) - cpuBefore) / (performance.now() - startedAt);
    const shown = all.map(({ shownMs }) => shownMs);
    rows.push([
      realtime ? 'no faster than it plays' : 'as fast as it can be made',
      median(all.map(({ toldMs }) => toldMs)),
      median(shown),
      percentile(shown, 95),
      cores,
    ]);
  }
  printTable(
    `${changes} changes of the words, embedded network, 640x352`,
    ['media is made', 'told ms', 'first picture ms', '95% ms', 'cores'],
    rows,
  );
}

async function steer(url: string, realtime: boolean): Promise<readonly Change[]> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`, { perMessageDeflate: false });
  await once(socket, 'open');
  const all: Change[] = [];
  let frames: number | undefined;
  let sentAt: number | undefined;
  let told: { readonly atFrame: number; readonly ms: number } | undefined;
  const send = (message: object) => socket.send(JSON.stringify(message));
  await new Promise<void>((resolve, reject) => {
    const next = () => {
      if (all.length === changes) return resolve();
      setTimeout(() => {
        sentAt = performance.now();
        send({ type: 'prompt_update', prompt: `a lake of colour ${all.length}`, transition_ms: 300 });
      }, pauseMs);
    };
    socket.on('close', () => reject(new Error('The server closed the connection.')));
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        if (frames === undefined) next();
        frames = (frames ?? 0) + (mediaEnd(data)?.frames ?? 0);
        if (told && sentAt !== undefined && frames > told.atFrame) {
          all.push({ toldMs: told.ms, shownMs: performance.now() - sentAt });
          told = undefined;
          sentAt = undefined;
          next();
        }
        return;
      }
      const frame = JSON.parse(data.toString('utf8')) as {
        type: string;
        at_frame?: number;
        message?: string;
      };
      if (frame.type === 'error') reject(new Error(frame.message));
      if (frame.type === 'ltx2_stream_start')
        send({ type: 'segment_prompt_source', prompt: 'a lake of colour' });
      if (frame.type === 'prompt_updated' && sentAt !== undefined) {
        told = { atFrame: frame.at_frame ?? 0, ms: performance.now() - sentAt };
      }
    });
    send({ type: 'session_init_v2', realtime });
  });
  socket.removeAllListeners('close');
  socket.terminate();
  return all;
}
