import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot, type ServerProcess } from '../../support/server-process.ts';
import { type StandInProvider, startStandInProvider } from '../../support/stand-in-provider.ts';
import { readyServer } from '../servers.ts';
import { ProjectClient } from './project-client.ts';
import { answer, withProvider } from './with-provider.ts';

describe('a rewrite after the cap of /ws', () => {
  it('starts the new rollout', async () => {
    await using provider = await startStandInProvider();
    provider.reply(answer('1. new'));
    const args = [...withProvider(provider), '--streaming.generation_segment_cap', '1'];
    await using server = await readyServer('serve', args);
    await using client = await ProjectClient.open(server.url, { curated_prompts: ['one'] });
    await client.until('ltx2_stream_complete');
    client.send({ type: 'rewrite_seed_prompts', prompt_window_prompts: ['seen', 'and seen'] });
    // One prompt for two that were asked for: the model has miscounted.
    expect(await client.until('rewrite_seed_prompts_complete')).toMatchObject({ fallback_used: true });
    provider.reply(answer('1. new\n2. newer'));
    client.send({ type: 'rewrite_seed_prompts', prompt_window_prompts: ['seen', 'and seen'] });
    expect(await client.until('seed_prompts_reset_applied')).toMatchObject({ reason: 'rewrite_rollout' });
    expect(await client.segment()).toMatchObject({ prompt: 'new', segment_idx: 1 });
    expect(provider.calls.at(-1)?.user).toContain('and seen');
  });
});

describe('the safety filter of /ws', () => {
  const safe = 'a red fox walks through fresh snow';
  const unsafe = 'two gangs attack each other with knives';
  let provider: StandInProvider;
  let server: ServerProcess;
  beforeAll(async () => {
    provider = await startStandInProvider();
    const model = join(repositoryRoot, 'fixtures/safety/sentences.bin');
    const filter = ['--streaming.safety.enabled', 'true', '--streaming.safety.classifier_path', model];
    server = await readyServer('serve', [...withProvider(provider), ...filter]);
  });
  afterAll(async () => {
    await server.stop();
    await provider.stop();
  });

  it.each([
    { curated_prompts: [safe, unsafe] },
    { initial_rollout_prompt: unsafe },
    { rewrite_user_system_prompt: unsafe },
  ])('closes an opening with %j', async (init) => {
    await using client = await ProjectClient.open(server.url, init);
    expect((await client.take(2))[1]).toMatchObject({ type: 'error', code: 'prompt_blocked' });
    expect(await client.close()).toMatchObject({ code: 1008 });
  });

  it('blocks what comes later, from the client and from a model, and the session goes on', async () => {
    provider.reply(answer(unsafe));
    await using client = await ProjectClient.open(server.url);
    await client.until('prompt_sources_blocked');
    for (const frame of [
      { type: 'append_prompt', prompt: unsafe },
      { type: 'simple_generate', prompt: unsafe },
      { type: 'rewrite_seed_prompts', rewrite_instruction: unsafe },
      { type: 'rewrite_seed_prompts', rewrite_instruction: safe, rewrite_window_system_prompt: unsafe },
    ]) {
      client.send(frame);
      expect(await client.frame()).toMatchObject({ type: 'error', code: 'prompt_blocked', retryable: false });
    }
    client.send({ type: 'append_prompt', prompt: safe });
    await client.until('prompt_enhancing');
    expect(await client.frame()).toMatchObject({ type: 'error', code: 'prompt_blocked' });
    provider.reply(answer(safe));
    client.send({ type: 'append_prompt', prompt: safe });
    expect((await client.segment())['prompt']).toBe(safe);
    provider.reply(
      answer(`1. ${unsafe}\n2. ${unsafe}\n3. ${unsafe}\n4. ${unsafe}\n5. ${unsafe}\n6. ${unsafe}`),
    );
    client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: safe });
    expect(await client.until('rewrite_seed_prompts_complete')).toMatchObject({ fallback_used: true });
  });
});
