import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import { startRedisServer } from '../test/support/redis-server.ts';
import { startServer } from '../test/support/server-process.ts';
import { sampling } from './segments.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const rounds = 30;

interface Ticket {
  readonly session_id: string;
  readonly resume_token: string;
}

/** From the first byte to an open stream: a new session beside one that is resumed, by store. */
export async function benchResume(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fastvideo-bench-'));
  const redis = await startRedisServer();
  const rows = [];
  for (const [name, store] of [
    ['memory', 'memory:'],
    ['files', `file:${directory}`],
    ['Redis', redis.url],
  ] as const) {
    await using server = await startServer({
      command: 'mock',
      args: [...sampling(128, 96, 12), '--streaming.store', store],
    });
    const fresh = [];
    const resumed = [];
    for (let round = 0; round < rounds; round += 1) {
      const first = await open(server.url);
      fresh.push(first.ms);
      const again = await open(server.url, first.ticket);
      resumed.push(again.ms);
    }
    rows.push([name, median(fresh), median(resumed), median(resumed) / median(fresh)]);
  }
  await redis.stop();
  await rm(directory, { recursive: true });
  printTable(
    `From connecting to ltx2_stream_start, median of ${rounds} (mock, after one segment)`,
    ['store', 'new ms', 'resumed ms', 'ratio'],
    rows,
  );
}

/** Opens or resumes a session, makes a segment, and drops the connection. */
async function open(url: string, resume?: Ticket): Promise<{ ms: number; ticket: Ticket }> {
  const startedAt = performance.now();
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`, { perMessageDeflate: false });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'session_init_v2', ...(resume ? { resume } : {}) }));
  let ticket: Ticket | undefined;
  let ms = Number.NaN;
  for await (const [data, isBinary] of onMessages(socket)) {
    if (isBinary) continue;
    const frame = JSON.parse(data.toString()) as {
      readonly type: string;
      readonly message?: string;
    } & Ticket;
    if (frame.type === 'error') throw new Error(frame.message);
    if (frame.type === 'gpu_assigned') ticket = frame;
    if (frame.type === 'ltx2_stream_start') {
      ms = performance.now() - startedAt;
      socket.send(JSON.stringify({ type: 'segment_prompt_source', prompt: 'resume' }));
    }
    if (frame.type === 'ltx2_segment_complete') break;
  }
  socket.terminate();
  if (!ticket) throw new Error('There was no gpu_assigned.');
  const { session_id, resume_token } = ticket;
  return { ms, ticket: { session_id, resume_token } };
}

async function* onMessages(socket: WebSocket): AsyncGenerator<[Buffer, boolean], void, undefined> {
  const queue: [Buffer, boolean][] = [];
  let wake = (): void => {};
  socket.on('message', (data: Buffer, isBinary) => {
    queue.push([data, isBinary]);
    wake();
  });
  for (;;) {
    const next = queue.shift();
    if (next) yield next;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
}
