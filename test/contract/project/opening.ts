import { beforeEach, describe, expect, it } from 'vitest';
import { hangLimitMs } from '../../support/hang-limit.ts';
import type { ServerProcess } from '../../support/server-process.ts';
import { type Command, promptsAsTheyAre, quick, sharedServers } from '../servers.ts';
import { ProjectClient } from './project-client.ts';

const openingArgs = [
  ...quick,
  ...promptsAsTheyAre,
  '--streaming.init_timeout_seconds',
  String(hangLimitMs / 1000),
];
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** How a session of `/ws` begins, on each command. */
export function describeOpening(command: Command): void {
  describe(`opening /ws of \`fastvideo ${command}\``, () => {
    const shared = sharedServers();
    let server: ServerProcess;
    beforeEach(async () => {
      server = await shared(command, openingArgs);
    });

    it('tells the queue at once, then the worker, the toggles, the stream and its prompts', async () => {
      await using client = await ProjectClient.connect(server.url);
      expect(await client.frame()).toEqual({
        type: 'queue_status',
        position: 0,
        total_gpus: expect.any(Number),
        available_gpus: expect.any(Number),
      });
      client.send({
        type: 'session_init_v2',
        preset_id: 'p',
        preset_label: 'P',
        curated_prompts: ['one', ' ', 'two', ''],
      });
      expect(await client.take(5)).toEqual([
        { type: 'gpu_assigned', gpu_id: expect.any(Number), session_timeout: 3600, steering: true },
        { type: 'loop_generation_updated', enabled: false },
        { type: 'generation_paused_updated', paused: false },
        {
          type: 'ltx2_stream_start',
          total_segments: 2,
          preset_id: 'p',
          stream_mode: 'av_fmp4',
          live_mode: true,
          loop_generation_enabled: false,
          loop_iteration: 1,
          generation_segment_cap: 1000,
        },
        {
          type: 'seed_prompts_updated',
          prompts: ['one', 'two'],
          preset_id: 'p',
          preset_label: 'P',
          reason: 'init',
          seed_prompt_count: 2,
        },
      ]);
      expect((await client.segment())['prompt']).toBe('one');
    });

    it('takes select_model of older clients', async () => {
      await using client = await ProjectClient.connect(server.url);
      client.send({ type: 'select_model', segment_prompts: ['one'], loop_generation_enabled: false });
      expect((await client.until('seed_prompts_updated'))['prompts']).toEqual(['one']);
    });

    it('works on what is sent right behind the init, in order', async () => {
      await using client = await ProjectClient.open(server.url);
      client.send({ type: 'set_generation_paused', paused: true });
      client.send({ type: 'append_prompt', prompt: 'mine', prompt_id: 'x' });
      expect(
        (await client.until('generation_paused_updated', ({ paused }) => paused === true)).type,
      ).toBeTruthy();
      expect(await client.until('prompt_received')).toEqual({
        type: 'prompt_received',
        prompt_id: 'x',
        queue_depth: 1,
      });
    });

    it('starts from a picture', async () => {
      const initial_image = { mime: 'image/png', name: 'a.png', data: pixel };
      await using client = await ProjectClient.open(server.url, { curated_prompts: ['one'], initial_image });
      await client.segment();
    });

    it.each([
      { mime: 'image/png', data: 'bm90IGEgcGljdHVyZQ==' },
      { mime: 'image/jpeg', data: pixel },
      { data: pixel },
      'a string',
    ])('refuses a bad picture: %j', async (initial_image) => {
      await using client = await ProjectClient.open(server.url, { initial_image });
      expect((await client.take(2))[1]).toMatchObject({ type: 'error', code: 'invalid_message' });
      expect(await client.close()).toEqual({ kind: 'close', code: 1003, reason: 'Invalid initial image' });
    });

    it('refuses a first message that is nested too deeply', async () => {
      await using client = await ProjectClient.connect(server.url);
      const nested = '['.repeat(50_000) + ']'.repeat(50_000);
      client.socket.send(`{"type": "session_init_v2", "more": ${nested}}`);
      expect((await client.take(2))[1]).toMatchObject({ code: 'invalid_message', retryable: false });
      expect(await client.close()).toEqual({ kind: 'close', code: 1003, reason: 'invalid_init' });
    });

    it.each([
      ['not JSON', 'invalid_init'],
      [`\ufeff${JSON.stringify({ type: 'session_init_v2' })}`, 'invalid_init'],
      [JSON.stringify({ type: 'session_init_v2', curated_prompts: 'one' }), 'invalid_init'],
      [JSON.stringify({ type: 'append_prompt', prompt: 'one' }), 'expected_session_init_v2'],
    ])('refuses the first message %s', async (text, reason) => {
      await using client = await ProjectClient.connect(server.url);
      client.socket.send(text);
      expect((await client.take(2))[1]).toMatchObject({
        type: 'error',
        code: 'invalid_message',
        retryable: false,
      });
      expect(await client.close()).toEqual({ kind: 'close', code: 1003, reason });
    });

    it('lets a client leave before it has sent anything else', async () => {
      await using client = await ProjectClient.connect(server.url);
      client.send({ type: 'leave' });
      expect(await client.close()).toMatchObject({ code: 1000 });
    });

    it('survives malformed and unknown messages once it is open', async () => {
      await using client = await ProjectClient.open(server.url);
      await client.until('prompt_sources_blocked');
      const bad = [
        'not JSON',
        `\ufeff${JSON.stringify({ type: 'leave' })}`,
        '[]',
        JSON.stringify({ type: 'segment_prompt_source', prompt: 'native' }),
        JSON.stringify({ type: 'append_prompt', prompt: '' }),
        JSON.stringify({ type: 'append_prompt', prompt: 'x'.repeat(100_000) }),
        JSON.stringify({ type: 'session_init_v2' }),
        JSON.stringify({ type: 'project_init_v1' }),
        JSON.stringify({ type: 'simple_generate', prompt: 'x', initial_image: {} }),
      ];
      for (const message of bad) {
        client.socket.send(message);
        expect(await client.frame()).toMatchObject({
          type: 'error',
          message: expect.stringMatching(/^[A-Z][^_]*[.]$/),
          about: { detail: expect.stringMatching(/./) },
        });
      }
      client.socket.send(Buffer.from('binary'));
      expect(await client.frame()).toMatchObject({ type: 'error', code: 'invalid_message', retryable: true });
      client.send({ type: 'append_prompt', prompt: 'mine' });
      expect((await client.segment())['prompt']).toBe('mine');
    });

    it('lets no more than eight prompts wait', async () => {
      await using client = await ProjectClient.open(server.url);
      client.send({ type: 'set_generation_paused', paused: true });
      for (let index = 0; index < 9; index += 1) client.send({ type: 'append_prompt', prompt: `${index}` });
      await client.until('prompt_received', ({ queue_depth }) => queue_depth === 8);
      await client.until('prompt_ready');
      expect(await client.frame()).toMatchObject({ type: 'error', code: 'invalid_message', retryable: true });
      client.send({ type: 'set_generation_paused', paused: false });
      for (let index = 0; index < 8; index += 1) expect((await client.segment())['prompt']).toBe(`${index}`);
    });
  });
}
