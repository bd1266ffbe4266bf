import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { FromWorkerSchema } from '../../../src/core/protocol/worker/messages.ts';
import { quick, readyServer } from '../../contract/servers.ts';
import { repositoryRoot } from '../../support/server-process.ts';
import { mutatedBytes } from '../arbitraries/bytes.ts';
import { fromSchema } from '../arbitraries/from-schema.ts';
import { mutated, mutatedJson } from '../arbitraries/mutated.ts';
import { written } from '../arbitraries/odd.ts';
import type { Field } from '../field.ts';
import { talk } from '../stranger.ts';
import { openTarget, type Target } from '../target.ts';
import { WatchedServer } from '../watched-server.ts';
import { sampleSegment } from './sample-segment.ts';

/** Header as text, payload in base64; or bytes as they are, in base64. */
type Message = { readonly header: string; readonly payload: string } | { readonly raw: string };

interface Input {
  /** In place of the `ready` of a proper worker. */
  readonly ready?: Message;
  /** What it answers a run with. */
  readonly messages: readonly Message[];
}

const width = 128;
const height = 96;

/** A program gives raw frames; `serve`'s own worker stands between it and the server, and speaks the same protocol. */
export const worker: Target = {
  name: 'worker',
  about: 'messages of a worker program, at serve',
  batch: 6,
  open: async (field) => {
    const folder = await mkdtemp(join(tmpdir(), 'fastvideo-fuzz-worker-'));
    const script = join(folder, 'script.json');
    const server = await startServer(script, field);
    return openTarget<Input>({
      inputs: await inputs(),
      feed: async (list) => {
        for (const input of list) {
          await writeFile(`${script}.new`, JSON.stringify(input));
          await rename(`${script}.new`, script);
          await untilReady(server.url);
          await talk(
            `${server.url.replace('http', 'ws')}/v1/stream`,
            [
              '{"type":"session_init_v2"}',
              '{"type":"segment_prompt_source","prompt":"a fox"}',
              '{"type":"snapshot_state"}',
              '{"type":"segment_prompt_source","prompt":"a lake"}',
            ],
            { stayMs: 1500 },
          );
        }
        // A proper worker again: the next session gets its segment.
        await rm(script);
        await server.check();
        await server.serves();
      },
      close: async () => {
        await server[Symbol.asyncDispose]();
        await rm(folder, { recursive: true });
      },
    });
  },
};

/** A worker that the input before has killed is started again; one that says nothing proper at its start never is. */
async function untilReady(url: string): Promise<void> {
  for (let count = 0; count < 20; count += 1) {
    if ((await fetch(`${url}/readyz?strict`)).ok) return;
    await delay(100);
  }
}

async function startServer(script: string, field: Field): Promise<WatchedServer> {
  const program = join(repositoryRoot, 'test/fuzz/fuzz-worker.mjs');
  const server = await readyServer('serve', [
    ...quick,
    ...['--generator.model_path', `exec:"${process.execPath}" "${program}" "${script}"`],
    // What hangs is given up soon, and what dies is started again at once.
    ...['--streaming.segment_timeout_seconds', '2', '--streaming.pool.cancel_grace_seconds', '1'],
    ...['--streaming.pool.restart_max_delay_seconds', '0.2', '--streaming.pool.park_after_deaths', '1000000'],
    ...['--streaming.resume_ttl_seconds', '1'],
  ]);
  return await WatchedServer.watch('serve', server, await field.control(), false);
}

async function inputs(): Promise<fc.Arbitrary<Input>> {
  const { init, media } = await sampleSegment();
  const valid = fromSchema(FromWorkerSchema).map((message) => ({ ...(message as object), run_id: '@run' }));
  const picture = Buffer.alloc(width * height * 3, 7);
  const base64 = (bytes: fc.Arbitrary<Uint8Array>) =>
    bytes.map((data) => Buffer.from(data).toString('base64'));
  const payload = base64(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(picture) },
      { weight: 2, arbitrary: fc.constant(Buffer.alloc(0)) },
      mutatedBytes(fc.constantFrom(picture, init, ...media)),
      fc.uint8Array({ maxLength: 40 }),
    ),
  );
  const message = fc.oneof(
    { weight: 6, arbitrary: fc.record({ header: mutatedJson(valid), payload }) },
    { weight: 3, arbitrary: fc.record({ header: valid.map(written), payload }) },
    {
      weight: 3,
      arbitrary: fc
        .constantFrom(...proper)
        .map((header) => ({ header: written(header), payload: picture.toString('base64') })),
    },
    { weight: 1, arbitrary: base64(fc.uint8Array({ maxLength: 40 })).map((raw) => ({ raw })) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom([0xff, 0xff, 0xff, 0xff], [0, 0, 0, 2, 0, 0, 0, 0, 0x7b])
        .map((bytes) => ({ raw: Buffer.from(bytes).toString('base64') })),
    },
  );
  const started = { header: '{"type":"started","run_id":"@run","total_steps":1}', payload: '' };
  const messages = fc
    .tuple(fc.boolean(), fc.array(message, { maxLength: 10 }), fc.boolean())
    .map(([begins, list, ends]) => [...(begins ? [started] : []), ...list, ...(ends ? [done] : [])]);
  const ready = fc.record({ header: mutated(fc.constant(hello)).map(written), payload });
  return fc.oneof(
    { weight: 9, arbitrary: fc.record({ messages }) },
    { weight: 1, arbitrary: fc.record({ ready, messages }) },
  );
}

const done = { header: '{"type":"done","run_id":"@run","frames":12,"cancelled":false}', payload: '' };
const hello = {
  ...{ type: 'ready', protocol: 1, model_id: 'fuzz', state_kind: 'fuzz/1' },
  ...{ streams_frames: true, audio: null, output: 'frames' },
};
const proper = [
  { type: 'frame', run_id: '@run' },
  { type: 'frame', run_id: '@run' },
  { type: 'audio_format', run_id: '@run', audio: { sample_rate: 48_000, channels: 2 } },
  { type: 'audio', run_id: '@run' },
  { type: 'step', run_id: '@run', step: 1, total_steps: 1, stage: 'denoise' },
  { type: 'state', run_id: '@run', state: { kind: 'fuzz/1', payload: { a: 1 } } },
];
