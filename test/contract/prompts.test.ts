import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { commands, promptsAsTheyAre, quick, readyServer } from './servers.ts';

const enabled = ['--streaming.prompt.enabled', 'true', '--streaming.prompt.provider', 'echo'];
/** Nothing listens there: the discard port. */
const deadProvider = [
  ...['--streaming.prompt.enabled', 'true', '--streaming.prompt.provider', 'openai'],
  ...['--streaming.prompt.base_url', 'http://127.0.0.1:9/v1'],
];

describe.each(commands)('prompts with a provider, on `fastvideo %s`', (command) => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await readyServer(command, [...quick, ...enabled]);
  });
  afterAll(() => server.stop());

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
    expect(await client.until('ltx2_segment_start')).toMatchObject({ prompt: 'a blue fox', source: 'user' });
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

describe('prompts with a provider that does not answer', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await readyServer('serve', [...quick, ...deadProvider]);
  });
  afterAll(() => server.stop());

  it('are used as they are, and none is lost', async () => {
    await using client = await ContractClient.open(server.url, { enhancement_enabled: true });
    client.prompt('one');
    client.prompt('two');
    for (const prompt of ['one', 'two']) {
      expect(await client.until('ltx2_segment_start')).toMatchObject({ prompt, source: 'user' });
      await client.until('ltx2_segment_complete');
    }
    expect(client.frames('prompt_fallback_used')).toMatchObject([
      { segment_idx: 0, prompt: 'one', error: expect.stringMatching(/./) },
      { segment_idx: 1, prompt: 'two' },
    ]);
  });

  it('leave the session open when the server cannot go on by itself', async () => {
    await using client = await ContractClient.open(server.url, { auto_extension_enabled: true });
    client.prompt('one');
    await waitFor('word of the failed extension', () => client.frames('error').length > 0);
    expect(client.frames('error')).toMatchObject([{ retryable: true }]);
  });
});

describe('the system prompts', () => {
  it('are shown and changed by /prompt-system-config, and a change of the file counts', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fastvideo-prompts-'));
    await using server = await readyServer('mock', [
      ...quick,
      ...enabled,
      ...['--streaming.prompt.system_prompt_dir', directory],
    ]);
    const url = `${server.url}/prompt-system-config`;
    const read = async () => (await (await fetch(url)).json()) as Record<string, unknown>;
    const post = (body: object) =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const before = await read();
    expect(before).toMatchObject({ rewrite_model: 'gpt-oss-120b', rewrite_temperature: 0.7 });
    const saved = await post({ next_segment_system_prompt: 'Be brief.', rewrite_temperature: 0.2 });
    expect(await saved.json()).toEqual({
      ...before,
      next_segment_system_prompt: 'Be brief.',
      rewrite_temperature: 0.2,
    });
    expect(await readFile(join(directory, 'enhance.txt'), 'utf8')).toBe('Be brief.\n');
    await writeFile(join(directory, 'auto_extend.txt'), 'Go on.');
    await waitFor('new text', async () => (await read()).auto_extension_system_prompt === 'Go on.');
    server.signal('SIGHUP');
    await waitFor('word of the reload', () => server.stderr().includes('system prompts reloaded'));
    for (const wrong of [{ next_segment_system_prompt: ' ' }, { rewrite_temperature: 9 }, { other: 1 }]) {
      expect((await post(wrong)).status).toBe(400);
    }
    await rm(directory, { recursive: true });
  });

  it('are not there without a provider', async () => {
    await using server = await readyServer('mock', [...quick, ...promptsAsTheyAre]);
    expect((await fetch(`${server.url}/prompt-system-config`)).status).toBe(503);
  });
});
