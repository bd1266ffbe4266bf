import { beforeAll, describe, expect, it } from 'vitest';
import { builtInTexts } from '../../src/core/prompts/system/built-in-texts.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { type Command, promptsAsTheyAre, quick, readyServer, type Shared } from './servers.ts';

export const enabled = ['--streaming.prompt.enabled', 'true', '--streaming.prompt.provider', 'echo'];
/** Nothing listens there: the discard port. */
export const deadProvider = [
  ...['--streaming.prompt.enabled', 'true', '--streaming.prompt.provider', 'openai'],
  ...['--streaming.prompt.base_url', 'http://127.0.0.1:9/v1'],
];

export function promptTests(shared: Shared, command: Command): void {
  describe(`prompts with a provider, on \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, [...quick, ...enabled]);
    });

    it('are enhanced before they are used while the toggle is on', async () => {
      await using client = await ContractClient.open(server.url, { enhancement_enabled: true });
      client.prompt('a red fox');
      expect(await client.until('prompt_enhancing')).toMatchObject({ segment_idx: 0, prompt: 'a red fox' });
      const ready = await client.until('prompt_ready');
      expect(ready).toMatchObject({ segment_idx: 0, provider: 'echo' });
      expect(ready.prompt).not.toBe('a red fox');
      const start = await client.until('ltx2_segment_start');
      expect(start).toMatchObject({ segment_idx: 0, source: 'enhanced', prompt: ready.prompt });
      await client.until('ltx2_segment_complete');
      client.send({ type: 'enhancement_updated', enabled: false });
      client.prompt('a blue fox');
      expect(await client.until('ltx2_segment_start')).toMatchObject({
        prompt: 'a blue fox',
        source: 'user',
      });
    });

    it('are made by the server itself with auto-extension, from the earlier ones', async () => {
      await using client = await ContractClient.open(server.url, {
        auto_extension_enabled: true,
        curated_prompts: ['first light'],
      });
      expect(await client.until('ltx2_segment_start')).toMatchObject({
        source: 'curated',
        prompt: 'first light',
      });
      const own = await client.until('ltx2_segment_start');
      expect(own).toMatchObject({ segment_idx: 1, source: 'auto_extension' });
      expect(String(own.prompt)).toMatch(/first light/);
    });

    it('are rewritten, and the new ones are walked', async () => {
      await using client = await ContractClient.open(server.url, { curated_prompts: ['a', 'b'] });
      client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'at night', count: 2 });
      await client.until('rewrite_seed_prompts_started');
      const updated = await client.until('seed_prompts_updated');
      expect(updated).toMatchObject({
        reason: 'rewrite',
        rewrite_instruction: 'at night',
        fallback_used: false,
      });
      await client.until('rewrite_seed_prompts_complete');
      client.send({ type: 'loop_generation_updated', enabled: true });
      const [first] = updated.prompts as string[];
      expect(await client.until('ltx2_segment_start')).toMatchObject({ source: 'curated', prompt: first });
    });
  });
}

/** For a `describe`. */
export function noSystemPromptsTest(): void {
  it('are the built-in ones without a provider; changes of them are kept in memory', async () => {
    await using server = await readyServer('mock', [...quick, ...promptsAsTheyAre]);
    const url = `${server.url}/prompt-system-config`;
    const before = (await (await fetch(url)).json()) as object;
    expect(before).toMatchObject({
      ...{ next_segment_system_prompt: builtInTexts.enhance, next_segment_system_prompt_path: null },
      ...{ rewrite_model_options: ['gpt-oss-120b'], kept_in: 'memory' },
    });
    const saved = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ next_segment_system_prompt: 'Be brief.' }),
    });
    const after = { ...before, next_segment_system_prompt: 'Be brief.' };
    expect([saved.status, await saved.json()]).toEqual([200, after]);
    expect(await (await fetch(url)).json()).toEqual(after);
  });
}
