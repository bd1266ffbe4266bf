import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { type WebSocket, WebSocketServer } from 'ws';
import { ServerFrameSchema } from '../../../src/core/protocol/native/server-frames.ts';
import { ProjectServerFrameSchema } from '../../../src/core/protocol/project/server-frames.ts';
import { quick, readyServer } from '../../contract/servers.ts';
import { eager, readyRouter } from '../../router/router-process.ts';
import { mutatedBytes } from '../arbitraries/bytes.ts';
import { fromSchema } from '../arbitraries/from-schema.ts';
import { mutatedJson } from '../arbitraries/mutated.ts';
import type { Field } from '../field.ts';
import { talk } from '../stranger.ts';
import { openTarget, type Target } from '../target.ts';
import { WatchedServer } from '../watched-server.ts';
import { sampleSegment } from './sample-segment.ts';

/** A message (binary in base64), bytes of the connection as they are, or a close. */
type Part =
  | { readonly text: string }
  | { readonly binary: string }
  | { readonly raw: string }
  | { readonly code: number; readonly reason: string };

interface Input {
  readonly path: string;
  readonly parts: readonly Part[];
}

const letIn = [
  '{"type":"queue_status","position":0,"queue_depth":0}',
  '{"type":"gpu_assigned","gpu_id":0,"session_timeout":9,"session_id":"s","resume_token":"t","worker_id":"w","model_id":"m"}',
  '{"type":"ltx2_stream_start","width":64,"height":48,"fps":24,"num_frames":12}',
];
const firstCheckpoint = JSON.stringify({
  type: 'session_checkpoint',
  seen: 0,
  frames: 0,
  set: { phase: 'ACTIVE', current: null },
});

/** In front of a true replica: whoever asks with `?fuzz` gets what is fed, all others what that one says. */
class FuzzReplica implements AsyncDisposable {
  readonly #server = createServer((_, response) => response.end('{}'));
  readonly #sockets = new WebSocketServer({ noServer: true });
  #parts: readonly Part[] = [];

  async start(behind: string): Promise<string> {
    const port = Number(new URL(behind).port);
    this.#server.on('upgrade', (request, stream, head) => {
      stream.on('error', () => undefined);
      if (request.url?.includes('fuzz')) {
        this.#sockets.handleUpgrade(request, stream, head, (socket) => {
          socket.on('error', () => undefined);
          this.#say(socket, (bytes) => stream.write(bytes));
        });
        return;
      }
      const fields = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}`);
      const upstream = connect(port, '127.0.0.1', () => {
        upstream.write(`GET ${request.url} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`);
        upstream.write(head);
        stream.pipe(upstream).pipe(stream);
      });
      upstream.on('error', () => stream.destroy());
      stream.on('close', () => upstream.destroy());
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  feed(parts: readonly Part[]): void {
    this.#parts = parts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  #say(socket: WebSocket, write: (bytes: Buffer) => void): void {
    for (const part of this.#parts) {
      if ('text' in part) socket.send(part.text);
      else if ('binary' in part) socket.send(Buffer.from(part.binary, 'base64'));
      else if ('raw' in part) write(Buffer.from(part.raw, 'base64'));
      else socket.close(part.code, part.reason);
    }
  }
}

export const replica: Target = {
  name: 'replica',
  about: 'messages, checkpoints and close codes of a replica, at the router',
  batch: 12,
  open: async (field) => {
    const closers: AsyncDisposable[] = [];
    const use = <One extends AsyncDisposable>(one: One): One => {
      closers.unshift(one);
      return one;
    };
    const mock = use(
      await readyServer('mock', [
        ...quick,
        '--streaming.generation_segment_cap',
        '1000000',
        '--streaming.session_timeout_seconds',
        '86400',
      ]),
    );
    const fuzzed = use(new FuzzReplica());
    const url = await fuzzed.start(mock.url);
    const router = use(await watchedRouter(url, field));
    return openTarget<Input>({
      inputs: await inputs(),
      feed: async (list) => {
        for (const { path, parts } of list) {
          fuzzed.feed(parts);
          await talk(
            `${router.url.replace('http', 'ws')}${path}?fuzz`,
            ['{"type":"session_init_v2"}', '{"type":"segment_prompt_source","prompt":"a fox"}'],
            { areOurs: false },
          );
        }
        await router.check();
        await router.settled();
      },
      close: async () => {
        for (const one of closers) await one[Symbol.asyncDispose]();
      },
    });
  },
};

async function watchedRouter(url: string, field: Field): Promise<WatchedServer> {
  // It is the only one, and breaks off again and again.
  const settings = {
    health_check: { ...eager, failure_threshold: 1_000_000 },
    failover_seconds: 1,
    wait_seconds: 0,
  };
  return await WatchedServer.watch('router', await readyRouter([url], settings), await field.control());
}

async function inputs(): Promise<fc.Arbitrary<Input>> {
  const { init, media } = await sampleSegment();
  const frame = fc.oneof(
    mutatedJson(fromSchema(ServerFrameSchema)),
    mutatedJson(fromSchema(ProjectServerFrameSchema)),
  );
  const checkpoint = mutatedJson(
    fc.constantFrom(JSON.parse(firstCheckpoint) as unknown, {
      type: 'session_checkpoint',
      seen: 1,
      pending: [1],
      frames: 1,
      set: { current: { segment_idx: 0 } },
    }),
  );
  const bytes = mutatedBytes(fc.constantFrom(init, ...media), 400).map((data) => data.toString('base64'));
  const part: fc.Arbitrary<Part> = fc.oneof(
    { weight: 5, arbitrary: frame.map((text) => ({ text })) },
    { weight: 3, arbitrary: checkpoint.map((text) => ({ text })) },
    { weight: 3, arbitrary: bytes.map((binary) => ({ binary })) },
    {
      weight: 1,
      arbitrary: fc
        .uint8Array({ minLength: 1, maxLength: 40 })
        .map((data) => ({ raw: Buffer.from(data).toString('base64') })),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        code: fc.constantFrom(1000, 1001, 1003, 1008, 1009, 1011, 1012, 1013, 1014, 3000, 4999),
        reason: fc.constantFrom('', 'x', 'session_rejected', 'ß'.repeat(61)),
      }),
    },
  );
  const opening = fc.constantFrom<readonly Part[]>(
    [],
    letIn.map((text) => ({ text })),
    [...letIn, firstCheckpoint].map((text) => ({ text })),
  );
  return fc.record({
    path: fc.constantFrom('/v1/stream', '/ws'),
    parts: fc.tuple(opening, fc.array(part, { maxLength: 12 })).map(([first, more]) => [...first, ...more]),
  });
}
