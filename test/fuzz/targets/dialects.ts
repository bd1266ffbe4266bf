import fc from 'fast-check';
import type { z } from 'zod';
import { ClientFrameSchema } from '../../../src/core/protocol/native/client-frames.ts';
import { ProjectClientFrameSchema } from '../../../src/core/protocol/project/client-frames.ts';
import { fromSchema } from '../arbitraries/from-schema.ts';
import { mutatedJson } from '../arbitraries/mutated.ts';
import { type Field, type ServerName, serverNames } from '../field.ts';
import { talk } from '../stranger.ts';
import { openTarget, type Target } from '../target.ts';

interface Input {
  readonly server: ServerName;
  readonly frames: readonly string[];
}

/** Openings that are taken for the most part: what follows is then looked at in an open session. */
const openings = {
  native: [
    '{"type":"session_init_v2"}',
    '{"type":"session_init_v2","curated_prompts":["a fox","a lake"],"loop_generation_enabled":true}',
    '{"type":"session_init_v2","stream_mode":"legacy_jpeg","single_clip_mode":true}',
  ],
  project: [
    '{"type":"session_init_v2","curated_prompts":["a fox"]}',
    '{"type":"session_init_v2","initial_rollout_prompt":"a story"}',
    '{"type":"select_model","segment_prompts":["a","b"],"enhancement_enabled":false}',
    '{"type":"session_init_v2","single_clip_mode":true}',
  ],
};

function dialect(name: 'native' | 'project', path: string, schema: z.ZodType): Target {
  return {
    name,
    about: `client frames of ${path}, at serve, mock and router`,
    batch: 24,
    open: async (field) => {
      const frame = mutatedJson(fromSchema(schema));
      const opening = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...openings[name]) }, frame);
      return openTarget<Input>({
        inputs: fc.record({
          server: fc.constantFrom(...serverNames),
          frames: fc
            .tuple(opening, fc.array(frame, { maxLength: 8 }))
            .map(([first, more]) => [first, ...more]),
        }),
        feed: async (inputs) => {
          await Promise.all(inputs.map(async (input) => await feed(input, path, field)));
          await field.check();
        },
      });
    },
  };
}

async function feed({ server, frames }: Input, path: string, field: Field): Promise<void> {
  const { url } = (await field.servers())[server];
  await talk(`${url.replace('http', 'ws')}${path}`, frames);
}

export const native = dialect('native', '/v1/stream', ClientFrameSchema);
export const project = dialect('project', '/ws', ProjectClientFrameSchema);
