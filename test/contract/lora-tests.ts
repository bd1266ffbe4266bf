import { beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient, type Frame } from './client.ts';
import { makeJpegSegment } from './jpeg-segment.ts';
import { MovingClient } from './moving-client.ts';
import { ProjectClient } from './project/project-client.ts';
import { type Command, promptsAsTheyAre, quick, type Shared, statusOf } from './servers.ts';

const styles = [
  { name: 'pixar', label: 'Pixar Toon', trigger: 'P1x4r', trigger_position: 'prepend' },
  { name: 'transition', trigger: 'zhuanchang' },
];
const base = { name: 'omninft', base: true, strength: 0.5 };
const drawn = ['--generator.model_path', 'mock:gradient', ...quick, ...promptsAsTheyAre];
const declared = (...adapters: readonly object[]) => [
  ...drawn,
  ...['--generator.adapters', JSON.stringify(adapters)],
];

/** `POST /lora` with this body. */
export async function applyLora(
  { url }: { readonly url: string },
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly answer: unknown }> {
  const response = await fetch(`${url}/lora`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: await response.json() };
}

const refused = (detail: RegExp) => ({
  status: 400,
  answer: {
    code: 'invalid_message',
    message: expect.stringMatching(detail),
    detail: expect.stringMatching(detail),
  },
});

/** The first picture of a segment: the adapters are written in it. */
async function pictureOf(url: string, init: object = {}): Promise<Buffer | undefined> {
  await using client = await ContractClient.open(url, { stream_mode: 'legacy_jpeg', ...init });
  return (await makeJpegSegment(client, 'a red fox', { seed: 1 })).files[0];
}

async function appliedIn(server: ServerProcess): Promise<unknown> {
  return (await statusOf(server)).gpu_status['0']?.['adapters'];
}

/** Against a model that draws the names of its adapters. */
export function loraTests(shared: Shared, command: Command): void {
  describe(`the adapters of \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, declared(base, ...styles));
    });

    it('are told as FastVideo tells them', async () => {
      const answer = await fetch(`${server.url}/lora/options`);
      expect([answer.status, await answer.json()]).toEqual([
        200,
        {
          styles: ['none', 'pixar', 'transition'],
          labels: { none: 'None', pixar: 'Pixar Toon', transition: 'transition' },
          has_base_lora: true,
        },
      ]);
    });

    it('are applied with their strengths, and tell their triggers', async () => {
      const wish = { strength: 0.8, styles: { pixar: 0.45, transition: 0.5 } };
      expect(await applyLora(server, wish)).toEqual({
        status: 200,
        answer: {
          applied: true,
          ...wish,
          triggers: { pixar: 'P1x4r', transition: 'zhuanchang' },
          gpus: { '0': 'P1x4r zhuanchang' },
        },
      });
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      expect(metrics).toContain('fastvideo_adapter_strength{adapter="omninft"} 0.8');
      expect(metrics).toContain('fastvideo_adapter_strength{adapter="pixar"} 0.45');
      if (command === 'serve') {
        expect(await appliedIn(server)).toEqual({ omninft: 0.8, pixar: 0.45, transition: 0.5 });
      }
    });

    it.each([
      ['numbers beyond 1 and 0', { strength: 1.5, styles: { pixar: 2, transition: -1 } }, 1, { pixar: 1 }],
      ['a single style', { strength: 0.6, style: ' PIXAR ' }, 0.6, { pixar: 1 }],
      ['no style', { strength: 0, style: 'none' }, 0, {}],
      ['nothing', {}, 1, {}],
    ])('are applied with %s', async (_, wish, strength, chosen) => {
      expect(await applyLora(server, wish)).toMatchObject({
        status: 200,
        answer: { applied: true, strength, styles: chosen },
      });
    });

    it.each([
      ['an unknown style', { styles: { watercolor: 0.5 } }, /^Unknown style for active model: watercolor/],
      ['the base as a style', { styles: { omninft: 0.5 } }, /^Unknown style for active model: omninft/],
      ['a strength that is none', { strength: 'much' }, /number.*strength/s],
      ['a list', [], /object/],
    ])('are left as they are by %s', async (_, wish, message) => {
      await applyLora(server, { strength: 0.25, styles: { pixar: 0.5 } });
      expect(await applyLora(server, wish)).toEqual(refused(message));
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      expect(metrics).toContain('fastvideo_adapter_strength{adapter="pixar"} 0.5');
    });

    it('show in the picture from the next segment of an open session on', async () => {
      await applyLora(server, { strength: 0 });
      const without = await pictureOf(server.url);
      await using client = await ContractClient.open(server.url, {
        ...{ stream_mode: 'legacy_jpeg', single_clip_mode: true },
      });
      const first = await makeJpegSegment(client, 'a red fox', { seed: 1 });
      await applyLora(server, { strength: 0, styles: { transition: 0.5 } });
      const second = await makeJpegSegment(client, 'a red fox', { seed: 1 });
      // The words of the client are told, as FastVideo does.
      expect(second.start['prompt']).toBe('a red fox');
      await client[Symbol.asyncDispose]();
      await applyLora(server, { strength: 0 });
      const third = await pictureOf(server.url);
      expect(without?.equals(first.files[0] ?? Buffer.of())).toBe(true);
      expect(without?.equals(third ?? Buffer.of())).toBe(true);
      expect(without?.equals(second.files[0] ?? Buffer.of())).toBe(false);
    });

    it('are those of a session where it chose some', async () => {
      await applyLora(server, { strength: 0, styles: { pixar: 0.5 } });
      const pixar = await pictureOf(server.url);
      await applyLora(server, { strength: 0 });
      const none = await pictureOf(server.url);
      expect(await pictureOf(server.url, { lora: { strength: 0, styles: { pixar: 0.5 } } })).toEqual(pixar);
      expect(await pictureOf(server.url, { lora: { strength: 0 } })).toEqual(none);
      expect(await pictureOf(server.url)).toEqual(none);
      await applyLora(server, { strength: 0, styles: { pixar: 0.5 } });
      expect(await pictureOf(server.url, { lora: { strength: 0 } })).toEqual(none);
    });

    it.each(['/v1/stream', '/ws'] as const)('go along in the checkpoints of %s', async (path) => {
      await using client = await MovingClient.open({
        path,
        next: () => server.url,
        init: { curated_prompts: ['a red fox'], lora: { strength: 0.25, style: 'pixar' } },
      });
      await client.until('ltx2_stream_start');
      const chosen = [
        { name: 'omninft', strength: 0.25 },
        { name: 'pixar', strength: 1 },
      ];
      expect(client.members).toMatchObject({ lora: chosen });
    });

    it('of a session are kept for its resume', async () => {
      await applyLora(server, { strength: 0 });
      const lora = { strength: 0, styles: { pixar: 0.5 } };
      const due = await pictureOf(server.url, { lora, single_clip_mode: true });
      let resume: object;
      {
        await using client = await ContractClient.open(server.url, {
          ...{ lora, stream_mode: 'legacy_jpeg', single_clip_mode: true },
        });
        const [assigned] = client.frames('gpu_assigned');
        resume = { session_id: assigned?.['session_id'], resume_token: assigned?.['resume_token'] };
      }
      await using client = await ContractClient.open(server.url, { resume });
      expect((await makeJpegSegment(client, 'a red fox', { seed: 1 })).files[0]).toEqual(due);
    });

    it('that a first frame names and the server does not have are refused', async () => {
      const init = { lora: { styles: { watercolor: 1 } } };
      const said = /lora: Unknown style for active model: watercolor; it has pixar, transition\./;
      await using client = await ContractClient.connect(server.url);
      client.send({ type: 'session_init_v2', ...init });
      expect(await client.frame()).toMatchObject({
        code: 'invalid_message',
        message: expect.stringMatching(said),
      });
      expect(await client.close()).toMatchObject({ code: 1003 });
      await using other = await ProjectClient.open(server.url, init);
      expect(await other.until('error')).toMatchObject({ about: { detail: expect.stringMatching(said) } });
    });

    it('that a checkpoint names and the server does not have are of another preset', async () => {
      const checkpoint = { ...(await membersOf(server)), lora: [{ name: 'watercolor', strength: 1 }] };
      await using client = await ContractClient.connect(server.url);
      client.send({ type: 'session_init_v2', checkpoint });
      expect(await client.frame()).toMatchObject({
        code: 'preset_mismatch',
        message: expect.stringContaining('"watercolor", which this server does not have'),
      });
    });
  });

  describe(`the adapters of \`fastvideo ${command}\` without a base`, () => {
    it('are applied only where a style is named, if only to take it off', async () => {
      const server = await shared(command, declared(...styles));
      expect(await (await fetch(`${server.url}/lora/options`)).json()).toMatchObject({
        has_base_lora: false,
      });
      for (const wish of [{}, { strength: 0.5, style: 'none' }, { styles: { none: 1 } }]) {
        expect(await applyLora(server, wish)).toEqual(refused(/nothing to apply.*pixar, transition/));
      }
      expect(await applyLora(server, { styles: { pixar: 0.5 } })).toMatchObject({
        status: 200,
        answer: { styles: { pixar: 0.5 }, gpus: { '0': 'P1x4r' } },
      });
      expect(await applyLora(server, { styles: { pixar: 0 } })).toMatchObject({
        status: 200,
        answer: { styles: {}, gpus: { '0': null } },
      });
    });
  });

  describe(`\`fastvideo ${command}\` without adapters`, () => {
    it('has no such routes, and refuses a session that chooses some', async () => {
      const server = await shared(command, drawn);
      expect((await fetch(`${server.url}/lora/options`)).status).toBe(404);
      expect((await applyLora(server, { strength: 0.5 })).status).toBe(404);
      await using client = await ContractClient.connect(server.url);
      client.send({ type: 'session_init_v2', lora: { style: 'pixar' } });
      expect(await client.frame()).toMatchObject({
        code: 'invalid_message',
        message: expect.stringContaining('this server has no adapters'),
      });
    });
  });
}

async function membersOf(server: ServerProcess): Promise<Frame> {
  await using client = await MovingClient.open({ path: '/v1/stream', next: () => server.url });
  await client.until('ltx2_stream_start');
  return client.members as Frame;
}
