import fc from 'fast-check';
import { WebSocket } from 'ws';
import { AlreadySentSchema } from '../../../src/core/protocol/checkpoint.ts';
import { hangLimitMs } from '../../support/hang-limit.ts';
import { fromSchema } from '../arbitraries/from-schema.ts';
import { mutated, mutatedJson } from '../arbitraries/mutated.ts';
import { written } from '../arbitraries/odd.ts';
import { type Field, type ServerName, serverNames } from '../field.ts';
import { talk } from '../stranger.ts';
import { openTarget, type Target } from '../target.ts';

interface Input {
  readonly server: ServerName;
  readonly path: string;
  readonly frames: readonly string[];
}

/** What a session has told a router, and its state. */
interface Told {
  readonly checkpoint: Readonly<Record<string, unknown>>;
  readonly state: unknown;
}

const goOn = [
  '{"type":"snapshot_state"}',
  '{"type":"segment_prompt_source","prompt":"a lake"}',
  '{"type":"append_prompt","prompt":"a lake"}',
];

export const openings: Target = {
  name: 'openings',
  about: 'checkpoints, already_sent and continuation_state of a first frame, at serve, mock and router',
  batch: 18,
  open: async (field) => {
    const { mock } = await field.servers();
    const address = mock.url.replace('http', 'ws');
    const native = await toldBy(`${address}/v1/stream`, [
      '{"type":"session_init_v2","checkpoints":true}',
      '{"type":"segment_prompt_source","prompt":"a red fox"}',
      '{"type":"snapshot_state"}',
    ]);
    const project = await toldBy(`${address}/ws`, [
      '{"type":"session_init_v2","checkpoints":true,"curated_prompts":["a fox","a lake"]}',
    ]);
    return openTarget<Input>({
      inputs: fc.oneof(inputs('/v1/stream', native), inputs('/ws', project)),
      feed: async (list) => {
        await Promise.all(list.map(async (input) => await feed(input, field)));
        await field.check();
      },
    });
  },
};

async function feed({ server, path, frames }: Input, field: Field): Promise<void> {
  const { url } = (await field.servers())[server];
  await talk(`${url.replace('http', 'ws')}${path}`, frames);
}

function inputs(path: string, { checkpoint, state }: Told): fc.Arbitrary<Input> {
  const current = checkpoint['current'] as { readonly segment_idx?: number } | null | undefined;
  const sent = fromSchema(AlreadySentSchema).map((one) => ({
    ...(one as object),
    segment_idx: current?.segment_idx ?? 0,
  }));
  const moved = fc.oneof(
    fc.record({ checkpoint: mutated(fc.constant(checkpoint)), already_sent: sent }),
    fc.record({ checkpoint: mutated(fc.constant(checkpoint)), already_sent: mutated(sent) }),
    fc.record({
      checkpoint: fc.constant(checkpoint),
      already_sent: mutated(sent),
      continuation_state: mutated(fc.constant(state)),
    }),
    fc.record({ continuation_state: mutated(fc.constant(state)) }),
  );
  const opening = moved.map((fields) => ({ type: 'session_init_v2', ...fields }));
  const first = fc.oneof({ weight: 4, arbitrary: opening.map(written) }, mutatedJson(opening));
  return fc.record({
    server: fc.constantFrom(...serverNames),
    path: fc.constant(path),
    frames: first.map((text) => [text, ...goOn]),
  });
}

/** Of a session whose segment is being made. */
async function toldBy(url: string, messages: readonly string[]): Promise<Told> {
  const socket = new WebSocket(url);
  const checkpoint: Record<string, unknown> = {};
  let state: unknown = { kind: 'mock/1', payload: {} };
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('There was no checkpoint.')), hangLimitMs);
      socket.on('error', reject);
      socket.on('open', () => {
        for (const message of messages) socket.send(message);
      });
      socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) return;
        const frame = JSON.parse(data.toString()) as {
          readonly type: string;
          readonly set?: object;
          readonly state?: unknown;
        };
        if (frame.type === 'continuation_state_snapshot') state = frame.state;
        if (frame.type !== 'session_checkpoint') return;
        Object.assign(checkpoint, frame.set);
        if (!checkpoint['current']) return;
        clearTimeout(late);
        resolve();
      });
    });
  } finally {
    socket.terminate();
  }
  return { checkpoint, state };
}
