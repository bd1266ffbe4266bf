import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { type StandInProvider, startStandInProvider } from '../support/stand-in-provider.ts';
import { ContractClient } from './client.ts';
import { ProjectClient } from './project/project-client.ts';
import { answer, withProvider } from './project/with-provider.ts';
import { filtered, unsafe } from './safety-tests.ts';
import { readyServer } from './servers.ts';

describe('a model that writes prompts', () => {
  let provider: StandInProvider;
  let server: ServerProcess;
  beforeAll(async () => {
    provider = await startStandInProvider();
    server = await readyServer('serve', [...withProvider(provider), ...filtered]);
  });
  afterAll(async () => {
    await server.stop();
    await provider.stop();
  });

  it('knows the story of a session of /v1/stream', async () => {
    provider.reply(({ wish }) => answer(`then ${wish}`));
    await using client = await ContractClient.open(server.url, { enhancement_enabled: true });
    for (const [index, told] of [
      'To write: the prompt of segment 1.',
      'The prompts so far:\n1. then dawn\n\nTo write: the prompt of segment 2.',
    ].entries()) {
      const wish = ['dawn', 'noon'][index] ?? '';
      client.prompt(wish);
      expect(await client.until('prompt_ready')).toMatchObject({ prompt: `then ${wish}` });
      expect(provider.calls.at(-1)?.user).toBe(`${told}\n\nThe wish:\n${wish}`);
      await client.until('ltx2_segment_complete');
    }
    provider.reply(answer('{"next_prompt": "a red fox walks through fresh snow"}'));
    client.send({ type: 'auto_extension_updated', enabled: true });
    expect(await client.until('ltx2_segment_start')).toMatchObject({
      prompt: 'a red fox walks through fresh snow',
    });
    expect(provider.calls.map(({ user }) => user)).toContain(
      'The prompts so far:\n1. then dawn\n2. then noon\n\nTo write: the prompt of segment 3.',
    );
  });

  it('writes clips that stand by themselves where a session makes those', async () => {
    provider.reply(({ wish }) => answer(`then ${wish}`));
    const init = { enhancement_enabled: true, single_clip_mode: true };
    await using client = await ContractClient.open(server.url, init);
    client.prompt('dawn');
    await client.until('prompt_ready');
    expect(provider.calls.at(-1)?.user).toMatch(/^To write: the prompt of one clip .*\n\nThe wish:\ndawn$/);
  });

  it.each([
    ['/ws', (url: string) => ProjectClient.open(url, { curated_prompts: ['a fox', 'a dog'] })],
    ['/v1/stream', (url: string) => ContractClient.open(url, { curated_prompts: ['a fox', 'a dog'] })],
  ])('rewrites nothing on %s where one of the prompts is blocked', async (_, open) => {
    provider.reply(answer(JSON.stringify(['a red fox walks through fresh snow', unsafe])));
    await using client = await open(server.url);
    client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'in snow', count: 2 });
    expect(await client.until('rewrite_seed_prompts_complete')).toMatchObject({
      fallback_used: true,
      error: expect.stringMatching(/Prompt 2 of the rewrite cannot be used, so the old prompts stay/),
    });
    expect(client.frames('seed_prompts_updated').filter(({ reason }) => reason === 'rewrite')).toEqual([]);
  });
});
