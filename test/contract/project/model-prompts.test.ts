import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../../support/server-process.ts';
import { type StandInProvider, startStandInProvider } from '../../support/stand-in-provider.ts';
import { waitFor } from '../../support/wait-for.ts';
import { idle, quick, readyServer } from '../servers.ts';
import { ProjectClient } from './project-client.ts';
import { answer, noLuck, withProvider } from './with-provider.ts';

describe('a prompt of a model on /ws', () => {
  let provider: StandInProvider;
  let server: ServerProcess;
  /** Lets answers go that no test waits for any more. */
  const held: (() => void)[] = [];
  beforeAll(async () => {
    provider = await startStandInProvider();
    server = await readyServer('serve', withProvider(provider));
  });
  afterEach(async () => {
    for (const release of held.splice(0)) release();
    await idle(server);
  });
  afterAll(async () => {
    await server.stop();
    await provider.stop();
  });

  /** The next answers come when the test says so. */
  function holdAnswers(content: string): () => void {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    held.push(release);
    provider.reply(async () => {
      await released;
      return answer(content);
    });
    return release;
  }

  it('takes the place of what the user wrote', async () => {
    provider.reply(({ wish }) => answer(`better: ${wish}`));
    await using client = await ProjectClient.open(server.url);
    await client.until('prompt_sources_blocked');
    client.send({ type: 'append_prompt', prompt: 'a fox', prompt_id: 'x' });
    expect(await client.take(6)).toEqual([
      { type: 'prompt_received', prompt_id: 'x', queue_depth: 1 },
      { type: 'prompt_enhancing', prompt_id: 'x' },
      {
        type: 'prompt_ready',
        prompt_id: 'x',
        prompt: 'better: a fox',
        source: 'user_enhanced',
        latency_ms: expect.any(Number),
      },
      { type: 'prompt_sources_resumed', segment_idx: 1, source: 'user_enhanced', prompt_id: 'x' },
      {
        type: 'segment_prompt_source',
        segment_idx: 1,
        source: 'user_enhanced',
        prompt_id: 'x',
        fallback_used: false,
        loop_iteration: 1,
      },
      expect.objectContaining({ type: 'ltx2_segment_start', prompt: 'better: a fox' }),
    ]);
  });

  it('is asked for with the story so far, the wish and the number of its segment', async () => {
    provider.reply(({ wish }) => answer(`{"next_prompt": "better: ${wish}"}`));
    await using client = await ProjectClient.open(server.url, { curated_prompts: ['dawn', 'noon'] });
    await client.until('prompt_sources_blocked');
    client.send({ type: 'append_prompt', prompt: 'a fox' });
    expect(await client.segment()).toMatchObject({ prompt: 'better: a fox' });
    expect(provider.calls.at(-1)?.user).toBe(
      'The prompts so far:\n1. dawn\n2. noon\n\nTo write: the prompt of segment 3.\n\nThe wish:\na fox',
    );
    client.send({ type: 'set_auto_extension', enabled: true });
    await client.until('auto_extension_updated');
    expect(await client.segment()).toMatchObject({ source: 'auto_llm', segment_idx: 4 });
    expect(provider.calls.map(({ user }) => user)).toContain(
      'The prompts so far:\n1. dawn\n2. noon\n3. better: a fox\n\nTo write: the prompt of segment 4.',
    );
    client.send({ type: 'simple_generate', prompt: 'a bear' });
    expect(await client.until('prompt_ready')).toMatchObject({ prompt: 'better: a bear' });
    expect(provider.calls.at(-1)?.user).toBe(
      'To write: the prompt of one clip that stands by itself.\n\nThe wish:\na bear',
    );
  });

  it('is never JSON, whatever the model answers', async () => {
    provider.reply(answer('{"scene": "a fox", "camera": "low"}'));
    await using client = await ProjectClient.open(server.url);
    client.send({ type: 'append_prompt', prompt: 'a fox' });
    expect(await client.until('prompt_fallback_used')).toMatchObject({ prompt: 'a fox' });
    client.send({ type: 'set_enhancement', enabled: false });
    client.send({ type: 'append_prompt', prompt: 'a dog' });
    expect(await client.segment()).toMatchObject({ prompt: 'a dog', source: 'user_raw' });
  });

  it('does not, when enhancement is off', async () => {
    await using client = await ProjectClient.open(server.url, { enhancement_enabled: false });
    client.send({ type: 'append_prompt', prompt: 'a fox' });
    expect(await client.segment()).toMatchObject({ prompt: 'a fox', source: 'user_raw' });
    expect(client.frames('prompt_enhancing')).toEqual([]);
  });

  it('is not used when the enhancement failed', async () => {
    provider.reply(noLuck);
    await using client = await ProjectClient.open(server.url);
    client.send({ type: 'append_prompt', prompt: 'a fox', prompt_id: 'x' });
    expect(await client.until('prompt_fallback_used')).toEqual({
      type: 'prompt_fallback_used',
      prompt_id: 'x',
      prompt: 'a fox',
      source: 'user_enhancement_failed',
      latency_ms: expect.any(Number),
      error: 'The language model gave no usable answer: the prompt is not used.',
      about: { detail: expect.stringContaining('no luck') },
    });
    provider.reply(answer('another'));
    client.send({ type: 'append_prompt', prompt: 'a bear' });
    expect((await client.segment())['prompt']).toBe('another');
  });

  it('makes the clip of a simple_generate, or completes its stream', async () => {
    provider.reply(({ wish }) => answer(`better: ${wish}`));
    await using client = await ProjectClient.open(server.url);
    await client.until('prompt_sources_blocked');
    client.send({ type: 'simple_generate', prompt: 'a fox', prompt_id: 'x' });
    expect(await client.segment()).toMatchObject({ prompt: 'better: a fox', source: 'user_enhanced' });
    expect(await client.frame()).toEqual({ type: 'ltx2_stream_complete' });
    provider.reply(noLuck);
    client.send({ type: 'simple_generate', prompt: 'a bear', prompt_id: 'y' });
    await client.until('prompt_fallback_used');
    expect(await client.frame()).toEqual({ type: 'ltx2_stream_complete' });
  });

  it('goes on from the earlier ones with auto-extension', async () => {
    provider.reply(({ user }) => answer(user.includes('first light') ? 'and then' : 'lost'));
    await using client = await ProjectClient.open(server.url, {
      curated_prompts: ['first light'],
      auto_extension_enabled: true,
    });
    expect(await client.segment()).toMatchObject({ source: 'curated' });
    const source = await client.until('segment_prompt_source');
    expect(source).toEqual({
      type: 'segment_prompt_source',
      segment_idx: 2,
      source: 'auto_llm',
      fallback_used: false,
      loop_iteration: 1,
    });
    expect(await client.segment()).toMatchObject({ segment_idx: 2, prompt: 'and then' });
  });

  it('is not asked again for a segment until a toggle comes', async () => {
    provider.reply(noLuck);
    await using client = await ProjectClient.open(server.url, {
      curated_prompts: ['one'],
      auto_extension_enabled: true,
    });
    expect(await client.until('auto_prompt_failed')).toEqual({
      type: 'auto_prompt_failed',
      segment_idx: 2,
      latency_ms: expect.any(Number),
      error: 'The language model gave no usable answer.',
      about: { detail: expect.stringContaining('no luck') },
    });
    await client.until('prompt_sources_blocked');
    const asked = provider.calls.length;
    provider.reply(answer('and then'));
    client.send({ type: 'set_loop_generation', enabled: false });
    await client.until('loop_generation_updated');
    expect(await client.until('prompt_sources_resumed')).toMatchObject({ source: 'auto_llm' });
    expect((await client.segment())['prompt']).toBe('and then');
    expect(provider.calls.length).toBeGreaterThan(asked);
  });

  it('starts from the first new prompt when the rewrite ends during generation', async () => {
    const release = holdAnswers('1. new one\n2. new two');
    await using client = await ProjectClient.open(server.url, {
      curated_prompts: ['one', 'two'],
      preset_id: 'p',
      loop_generation_enabled: true,
    });
    await client.until('media_init');
    client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'rain', rewrite_model: 'other' });
    expect(await client.until('rewrite_seed_prompts_started')).toMatchObject({ model: 'other' });
    client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'snow' });
    await client.until('error').catch(() => undefined);
    expect(client.frames('error')).toMatchObject([{ code: 'invalid_message' }]);
    release();
    expect(await client.until('seed_prompts_updated')).toEqual({
      type: 'seed_prompts_updated',
      prompts: ['new one', 'new two'],
      preset_id: 'p',
      reason: 'rewrite',
      fallback_used: false,
      model: 'other',
      latency_ms: expect.any(Number),
      raw_llm_output: '1. new one\n2. new two',
      rewrite_instruction: 'rain',
    });
    expect(await client.frame()).toEqual({
      type: 'rewrite_seed_prompts_complete',
      preset_id: 'p',
      fallback_used: false,
      model: 'other',
      latency_ms: expect.any(Number),
    });
    expect(await client.until('seed_prompts_reset_applied')).toMatchObject({
      reason: 'rewrite_during_generation',
      seed_prompt_count: 2,
    });
    expect(await client.segment()).toMatchObject({ prompt: 'new one', segment_idx: 1 });
  });

  it('is not waited for when a reset drops what it was to be', async () => {
    holdAnswers('never used');
    await using client = await ProjectClient.open(server.url);
    await client.until('prompt_sources_blocked');
    client.send({ type: 'append_prompt', prompt: 'dropped' });
    await client.until('prompt_enhancing');
    client.send({ type: 'reset_to_seed_prompts' });
    expect(await client.until('seed_prompts_reset_applied')).toMatchObject({ dropped_user_raw_queue: 1 });
    provider.reply(answer('kept'));
    client.send({ type: 'append_prompt', prompt: 'another' });
    expect((await client.segment())['prompt']).toBe('kept');
    expect(client.frames('prompt_ready')).toHaveLength(1);
  });

  it('is given up with its project, and the client is told', async () => {
    holdAnswers('never used');
    await using client = await ProjectClient.open(server.url, { curated_prompts: ['one'] });
    await client.until('prompt_sources_blocked');
    client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'rain' });
    client.send({ type: 'end_project_keep_session' });
    expect(await client.take(5)).toMatchObject([
      { type: 'rewrite_seed_prompts_started' },
      { type: 'seed_prompts_updated', prompts: ['one'], fallback_used: true },
      { type: 'rewrite_seed_prompts_complete', fallback_used: true, error: 'The project has ended.' },
      { type: 'ltx2_stream_complete' },
      { type: 'project_idle' },
    ]);
    provider.reply(answer('1. a\n2. b\n3. c\n4. d\n5. e\n6. f'));
    client.send({ type: 'project_init_v1', initial_rollout_prompt: 'a heist' });
    expect(await client.until('seed_prompts_reset_applied')).toMatchObject({ reason: 'initial_rewrite' });
    expect(await client.segment()).toMatchObject({ prompt: 'a', segment_idx: 1 });
  });

  it('changes only the prompts when the rewrite began while nothing was made; the story has the name it is given', async () => {
    provider.reply(answer('{"id": "r", "label": "Rain", "segment_prompts": ["wet one", "wet two"]}'));
    await using client = await ProjectClient.open(server.url, {
      ...{ curated_prompts: ['one', 'two'], preset_id: 'p', preset_label: 'P' },
    });
    await client.until('prompt_sources_blocked');
    client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'rain' });
    const named = { preset_id: 'r', preset_label: 'Rain', fallback_used: false };
    expect(await client.take(3)).toMatchObject([
      { type: 'rewrite_seed_prompts_started' },
      { type: 'seed_prompts_updated', prompts: ['wet one', 'wet two'], ...named },
      { type: 'rewrite_seed_prompts_complete', ...named },
    ]);
    expect(provider.calls.at(-1)?.user).toContain('The story is called:\nid: p\nlabel: P');
    client.send({ type: 'set_loop_generation', enabled: true });
    expect(await client.until('ltx2_stream_start')).toMatchObject({ preset_id: 'r', loop_iteration: 2 });
    expect(await client.segment()).toMatchObject({ prompt: 'wet one' });
    expect(client.frames('seed_prompts_reset_applied')).toEqual([]);
  });

  it('leaves the old prompts when a rewrite failed', async () => {
    provider.reply(noLuck);
    await using client = await ProjectClient.open(server.url, { curated_prompts: ['one'] });
    await client.until('prompt_sources_blocked');
    client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'rain' });
    expect(await client.take(3)).toMatchObject([
      { type: 'rewrite_seed_prompts_started', model: 'words' },
      { type: 'seed_prompts_updated', prompts: ['one'], fallback_used: true, model: 'words' },
      { type: 'rewrite_seed_prompts_complete', error: expect.any(String), model: 'words' },
    ]);
  });

  it('makes the prompts of an initial rollout, which generation waits for', async () => {
    provider.reply(({ user }) =>
      answer(user.includes('a heist') ? '1. a\n2. b\n3. c\n4. d\n5. e\n6. f' : 'lost'),
    );
    await using client = await ProjectClient.open(server.url, { initial_rollout_prompt: 'a heist' });
    await client.until('gpu_assigned');
    expect(await client.take(9)).toMatchObject([
      { type: 'loop_generation_updated', enabled: false },
      { type: 'generation_paused_updated', paused: true },
      { type: 'rewrite_seed_prompts_started' },
      { type: 'generation_paused_updated', paused: false },
      { type: 'seed_prompts_updated', reason: 'rewrite', prompts: ['a', 'b', 'c', 'd', 'e', 'f'] },
      { type: 'rewrite_seed_prompts_complete', fallback_used: false },
      { type: 'ltx2_stream_start', total_segments: 6, loop_iteration: 1 },
      { type: 'seed_prompts_reset_applied', reason: 'initial_rewrite' },
      { type: 'segment_prompt_source', segment_idx: 1, source: 'curated', seed_prompt_index: 0 },
    ]);
  });

  it('waits for the rewrite that the client asks for, when that comes first', async () => {
    holdAnswers('never used');
    await using client = await ProjectClient.open(server.url, { initial_rollout_prompt: 'a heist' });
    await client.until('rewrite_seed_prompts_started');
    client.send({ type: 'append_prompt', prompt: 'too early' });
    expect(await client.frame()).toMatchObject({ type: 'error', code: 'invalid_message' });
    await waitFor('the first rewrite', () => provider.calls.at(-1)?.user.includes('a heist') === true);
    provider.reply(answer('1. mine\n2. b\n3. c\n4. d\n5. e\n6. f'));
    client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'at night' });
    await client.until('rewrite_seed_prompts_started');
    expect(await client.until('seed_prompts_updated')).toMatchObject({ rewrite_instruction: 'at night' });
    expect(await client.until('seed_prompts_reset_applied')).toMatchObject({ reason: 'initial_rewrite' });
    expect((await client.segment())['prompt']).toBe('mine');
    expect(client.frames('seed_prompts_updated')).toHaveLength(1);
  });
});

describe('the words of `fastvideo mock` on /ws', () => {
  it('are made up without any provider', async () => {
    await using server = await readyServer('mock', [...quick, '--streaming.prompt.enabled', 'true']);
    await using client = await ProjectClient.open(server.url, { initial_rollout_prompt: 'a heist' });
    await client.until('rewrite_seed_prompts_complete', ({ fallback_used }) => fallback_used === false);
    expect(await client.until('seed_prompts_reset_applied')).toMatchObject({
      reason: 'initial_rewrite',
      seed_prompt_count: 6,
    });
    expect((await client.segment())['prompt']).toMatch(/a heist/);
    client.send({ type: 'append_prompt', prompt: 'a fox' });
    expect(await client.until('prompt_ready')).toMatchObject({ source: 'user_enhanced' });
  });
});
