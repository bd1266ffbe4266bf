import { beforeEach, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../../support/server-process.ts';
import { type Command, promptsAsTheyAre, quick, quickFrames, sharedServers } from '../servers.ts';
import { runsOf, tracksOf } from '../tracks.ts';
import { ProjectClient } from './project-client.ts';

/** The default of the config. */
const fps = 24;
const noneDropped = { dropped_user_raw_queue: 0, dropped_user_ready_queue: 0 };

/** What steers a session of `/ws`, on each command. */
export function describeControls(command: Command): void {
  describe(`steering /ws of \`fastvideo ${command}\``, () => {
    const shared = sharedServers();
    let server: ServerProcess;
    beforeEach(async () => {
      server = await shared(command, [...quick, ...promptsAsTheyAre]);
    });

    it('walks the seed prompts, then says once that none is left, and resumes with one of the user', async () => {
      await using client = await ProjectClient.open(server.url, { curated_prompts: ['one', 'two'] });
      expect(await client.until('segment_prompt_source')).toEqual({
        type: 'segment_prompt_source',
        segment_idx: 1,
        source: 'curated',
        fallback_used: false,
        seed_prompt_index: 0,
        loop_iteration: 1,
      });
      expect(await client.until('ltx2_segment_start')).toEqual({
        type: 'ltx2_segment_start',
        segment_idx: 1,
        total_segments: 2,
        prompt: 'one',
        source: 'curated',
        seed_prompt_index: 0,
        loop_iteration: 1,
      });
      expect(await client.until('media_init')).toMatchObject({ segment_idx: 1, mode: 'av_fmp4' });
      const { latency_ms } = await client.until('step_complete');
      const { total, worker_e2e, overhead } = latency_ms as Readonly<Record<string, number>>;
      expect(total).toBeCloseTo((worker_e2e ?? 0) + (overhead ?? 0), 1);
      expect(await client.frame()).toEqual({
        type: 'ltx2_segment_complete',
        segment_idx: 1,
        total_segments: 2,
      });
      await client.segment();
      expect(await client.frame()).toEqual({ type: 'prompt_sources_blocked', segment_idx: 3 });
      client.send({ type: 'append_prompt', prompt: ' mine ', prompt_id: 'x' });
      expect(await client.take(5)).toMatchObject([
        { type: 'prompt_received', prompt_id: 'x', queue_depth: 1 },
        // No provider is configured: the prompt is used as it is, although enhancement is on.
        { type: 'prompt_ready', prompt_id: 'x', prompt: 'mine', source: 'user_raw', latency_ms: 0 },
        { type: 'prompt_sources_resumed', segment_idx: 3, source: 'user_raw', prompt_id: 'x' },
        { type: 'segment_prompt_source', segment_idx: 3, source: 'user_raw', prompt_id: 'x' },
        { type: 'ltx2_segment_start', segment_idx: 3, total_segments: 3, prompt: 'mine' },
      ]);
      await client.until('ltx2_segment_complete');
    });

    it.each([
      [
        { type: 'append_prompt', prompt: ' \n', prompt_id: 'x' },
        /^The prompt is empty\./,
        'must not be blank',
      ],
      [{ type: 'simple_generate', prompt: '' }, /^The prompt is empty\./, 'must not be blank'],
      [{ type: 'set_enhancement', enabled: 'yes' }, /^The server does not understand this page\./, 'enabled'],
      [{ type: 'project_init_v1' }, /^The previous project is still ending\./, 'project_idle'],
    ])('tells a person what is wrong with %j, and a program in detail', async (frame, message, detail) => {
      await using client = await ProjectClient.open(server.url, { curated_prompts: ['one'] });
      await client.until('ltx2_segment_start');
      client.send(frame);
      expect(await client.until('error')).toMatchObject({
        message: expect.stringMatching(message),
        about: { message: frame.type, detail: expect.stringContaining(detail) },
      });
    });

    it('has one line of media time through all segments and streams of a session', async () => {
      await using client = await ProjectClient.open(server.url, {
        curated_prompts: ['one', 'two'],
        loop_generation_enabled: true,
      });
      for (let count = 0; count < 3; count += 1) await client.segment();
      const starts = client.rules.media.slice(0, 3).map(([init, ...media]) => {
        const tracks = tracksOf(init ?? Buffer.alloc(0));
        const video = tracks.find(({ kind }) => kind === 'video');
        const run = media
          .flatMap((data) => runsOf(data, tracks))
          .find(({ trackId }) => trackId === video?.id);
        return (run?.start ?? Number.NaN) / (video?.timescale ?? 1);
      });
      expect(starts).toEqual([0, 1, 2].map((segments) => (segments * quickFrames) / fps));
    });

    it('loops, and tells each turn', async () => {
      await using client = await ProjectClient.open(server.url, {
        curated_prompts: ['one'],
        loop_generation_enabled: true,
      });
      await client.segment();
      expect(await client.take(3)).toMatchObject([
        { type: 'ltx2_stream_start', loop_iteration: 2, loop_generation_enabled: true },
        { type: 'loop_restarted', loop_iteration: 2, seed_prompt_count: 1, ...noneDropped },
        { type: 'segment_prompt_source', segment_idx: 1, loop_iteration: 2, seed_prompt_index: 0 },
      ]);
      client.send({ type: 'set_loop_generation', enabled: false });
      await client.until('loop_generation_updated');
      await client.until('prompt_sources_blocked');
    });

    it('answers each toggle', async () => {
      await using client = await ProjectClient.open(server.url);
      await client.until('prompt_sources_blocked');
      const answers = [
        [
          { type: 'set_enhancement', enabled: false },
          { type: 'enhancement_updated', enabled: false },
        ],
        [
          { type: 'set_loop_generation', enabled: true },
          { type: 'loop_generation_updated', enabled: true },
        ],
        [
          { type: 'set_generation_paused', paused: true },
          { type: 'generation_paused_updated', paused: true },
        ],
        [
          { type: 'set_auto_extension', enabled: true },
          { type: 'auto_extension_updated', enabled: true },
        ],
        [
          { type: 'set_rewrite_model', rewrite_model: 'm' },
          { type: 'rewrite_model_updated', rewrite_model: 'm' },
        ],
        [
          { type: 'set_rewrite_temperature', rewrite_temperature: 0.5 },
          { type: 'rewrite_temperature_updated', rewrite_temperature: 0.5 },
        ],
      ] as const;
      for (const [sent, answer] of answers) {
        client.send(sent);
        expect(await client.frame()).toEqual(answer);
      }
    });

    it('begins nothing while it is paused, and goes on where it was', async () => {
      await using client = await ProjectClient.open(server.url);
      await client.until('prompt_sources_blocked');
      client.send({ type: 'set_generation_paused', paused: true });
      client.send({ type: 'append_prompt', prompt: 'one' });
      client.send({ type: 'set_enhancement', enabled: true });
      // Answered in order: when it is, the prompt was ready and not begun.
      await client.until('enhancement_updated');
      expect(client.frames('segment_prompt_source')).toEqual([]);
      client.send({ type: 'set_generation_paused', paused: false });
      expect((await client.segment())['prompt']).toBe('one');
    });

    it('resets to the seed prompts and drops what waits', async () => {
      await using client = await ProjectClient.open(server.url, { curated_prompts: ['one'] });
      await client.until('prompt_sources_blocked');
      client.send({ type: 'set_generation_paused', paused: true });
      client.send({ type: 'append_prompt', prompt: 'dropped' });
      await client.until('prompt_ready');
      client.send({ type: 'reset_to_seed_prompts' });
      expect(await client.take(3)).toMatchObject([
        { type: 'seed_prompts_reset_pending', seed_prompt_count: 1 },
        { type: 'ltx2_stream_start', loop_iteration: 2, total_segments: 1 },
        {
          type: 'seed_prompts_reset_applied',
          reason: 'manual_reset',
          loop_iteration: 2,
          seed_prompt_count: 1,
          dropped_user_raw_queue: 0,
          dropped_user_ready_queue: 1,
        },
      ]);
      client.send({ type: 'set_generation_paused', paused: false });
      expect(await client.segment()).toMatchObject({ prompt: 'one', segment_idx: 1 });
    });

    it('turns to single clips with simple_generate', async () => {
      await using client = await ProjectClient.open(server.url, { curated_prompts: ['one'] });
      await client.until('prompt_sources_blocked');
      for (const [prompt_id, loop_iteration] of [
        ['a', 2],
        ['b', 3],
      ] as const) {
        client.send({
          type: 'simple_generate',
          prompt: 'a clip',
          prompt_id,
          preset_id: 's',
          preset_label: 'S',
        });
        expect(await client.frame()).toEqual({ type: 'prompt_received', prompt_id, queue_depth: 1 });
        expect(await client.take(2)).toMatchObject([
          { type: 'ltx2_stream_start', preset_id: 's', generation_segment_cap: 0, loop_iteration },
          { type: 'seed_prompts_reset_applied', reason: 'simple_generate', ...noneDropped },
        ]);
        expect(await client.segment()).toMatchObject({
          segment_idx: 1,
          prompt: 'a clip',
          source: 'user_raw',
        });
        expect(await client.frame()).toEqual({ type: 'ltx2_stream_complete' });
      }
      client.send({ type: 'append_prompt', prompt: 'another' });
      expect(await client.frame()).toMatchObject({ type: 'error', code: 'invalid_message' });
    });

    it('makes the prompt of a simple_generate that is not to be enhanced the seed prompt', async () => {
      await using client = await ProjectClient.open(server.url, { curated_prompts: ['one'] });
      await client.until('prompt_sources_blocked');
      client.send({ type: 'simple_generate', prompt: 'a clip', enhancement_enabled: false });
      expect(await client.take(4)).toMatchObject([
        { type: 'ltx2_stream_start', total_segments: 1, generation_segment_cap: 0 },
        { type: 'seed_prompts_reset_applied', reason: 'simple_generate', seed_prompt_count: 1 },
        { type: 'prompt_sources_resumed', segment_idx: 1, source: 'curated' },
        { type: 'segment_prompt_source', segment_idx: 1, source: 'curated', seed_prompt_index: 0 },
      ]);
      expect(await client.segment()).toMatchObject({ prompt: 'a clip', source: 'curated' });
      expect(await client.frame()).toEqual({ type: 'ltx2_stream_complete' });
      expect(client.frames('prompt_received')).toEqual([]);
    });

    it('makes one clip of a session in single-clip mode and waits', async () => {
      await using client = await ProjectClient.open(server.url, {
        curated_prompts: ['one', 'two'],
        single_clip_mode: true,
        loop_generation_enabled: true,
      });
      expect(await client.until('ltx2_stream_start')).toMatchObject({ generation_segment_cap: 0 });
      expect(await client.segment()).toMatchObject({ prompt: 'one' });
      expect(await client.frame()).toEqual({ type: 'ltx2_stream_complete' });
      client.send({ type: 'set_enhancement', enabled: false });
      expect(await client.frame()).toMatchObject({ type: 'enhancement_updated' });
    });

    it('ends a project, keeps the session, and takes another project', async () => {
      await using client = await ProjectClient.open(server.url, {
        curated_prompts: ['one'],
        loop_generation_enabled: true,
      });
      await client.until('media_init');
      client.send({ type: 'set_generation_paused', paused: true });
      client.send({ type: 'append_prompt', prompt: 'dropped' });
      await client.until('prompt_ready');
      client.send({ type: 'end_project_keep_session' });
      await client.until('ltx2_stream_complete');
      expect(await client.frame()).toMatchObject({
        type: 'project_idle',
        dropped_user_raw_queue: 0,
        dropped_user_ready_queue: 1,
      });
      for (const type of [
        'append_prompt',
        'simple_generate',
        'reset_to_seed_prompts',
        'restart_generation',
      ]) {
        client.send({ type, prompt: 'too early' });
        expect(await client.frame()).toMatchObject({ type: 'error', code: 'invalid_message' });
      }
      client.send({ type: 'project_init_v1', curated_prompts: ['new'], preset_id: 'n' });
      expect(await client.take(5)).toMatchObject([
        { type: 'loop_generation_updated', enabled: false },
        { type: 'generation_paused_updated', paused: false },
        { type: 'ltx2_stream_start', preset_id: 'n', loop_iteration: 1 },
        { type: 'seed_prompts_updated', reason: 'init', prompts: ['new'] },
        { type: 'seed_prompts_reset_applied', reason: 'project_init' },
      ]);
      expect(await client.segment()).toMatchObject({ segment_idx: 1, prompt: 'new' });
      client.send({ type: 'project_init_v1', curated_prompts: ['too early'] });
      await client.until('prompt_sources_blocked');
      expect(await client.frame()).toMatchObject({ type: 'error', code: 'invalid_message' });
      expect(client.frames('gpu_assigned')).toHaveLength(1);
    });

    it('completes the stream of a client that leaves', async () => {
      await using client = await ProjectClient.open(server.url, { curated_prompts: ['one'] });
      await client.segment();
      client.send({ type: 'leave' });
      await client.until('ltx2_stream_complete');
      expect(await client.next()).toEqual({ kind: 'close', code: 1000, reason: 'leave' });
    });

    it('says where a model was to write prompts that there is none, and uses the words as they are', async () => {
      await using client = await ProjectClient.open(server.url, {
        curated_prompts: ['one'],
        auto_extension_enabled: true,
        preset_id: 'p',
      });
      const { error, ...failed } = await client.until('auto_prompt_failed');
      expect(failed).toEqual({ type: 'auto_prompt_failed', segment_idx: 2, latency_ms: 0 });
      expect(error).toMatch(/no language model/);
      await client.until('prompt_sources_blocked');
      client.send({ type: 'rewrite_seed_prompts' });
      const common = { preset_id: 'p', fallback_used: true, latency_ms: 0 };
      expect(await client.take(3)).toEqual([
        { type: 'rewrite_seed_prompts_started' },
        {
          ...{ type: 'seed_prompts_updated', prompts: ['one'], reason: 'rewrite', ...common },
          error: expect.stringMatching(/no language model.*stay/),
        },
        { type: 'rewrite_seed_prompts_complete', ...common, error: expect.stringMatching(/stay/) },
      ]);
      client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'rain' });
      expect(await client.until('seed_prompts_updated')).toMatchObject({
        ...{ prompts: ['rain'], rewrite_instruction: 'rain', ...common },
        error: expect.stringMatching(/no language model.*as they are/),
      });
      expect(await client.frame()).toMatchObject({ type: 'rewrite_seed_prompts_complete', ...common });
      expect(client.frames('error')).toEqual([]);
    });

    it('makes the wish for a rollout its only seed prompt where no model can write more', async () => {
      await using client = await ProjectClient.open(server.url, { initial_rollout_prompt: 'a heist' });
      await client.until('gpu_assigned');
      expect(await client.take(8)).toMatchObject([
        { type: 'loop_generation_updated', enabled: false },
        { type: 'generation_paused_updated', paused: true },
        { type: 'rewrite_seed_prompts_started' },
        { type: 'generation_paused_updated', paused: false },
        { type: 'seed_prompts_updated', prompts: ['a heist'], reason: 'rewrite', fallback_used: true },
        {
          ...{ type: 'rewrite_seed_prompts_complete', fallback_used: true },
          error: expect.stringMatching(/no language model/),
        },
        { type: 'ltx2_stream_start', total_segments: 1 },
        { type: 'seed_prompts_reset_applied', reason: 'initial_rewrite', seed_prompt_count: 1 },
      ]);
      expect(await client.segment()).toMatchObject({ prompt: 'a heist', source: 'curated' });
    });
  });
}
