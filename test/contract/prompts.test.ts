import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { deadProvider, enabled, promptTests } from './prompts-tests.ts';
import { quick, readyServer, sharedServers } from './servers.ts';

promptTests(sharedServers(), 'mock');

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
      next_segment_system_prompt_path: 'enhance.txt',
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
});
