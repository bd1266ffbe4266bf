import { beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { quick, sharedServers } from './servers.ts';
import { steeringTests } from './steering-tests.ts';

const shared = sharedServers();

steeringTests(shared, 'mock');

describe('a client of `fastvideo mock` without a word of config', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await shared('mock', quick);
  });

  it('has its prompts enhanced, each in words of its own', async () => {
    await using client = await ContractClient.open(server.url, { enhancement_enabled: true });
    const enhanced = async (prompt: string) => {
      client.prompt(prompt);
      const { prompt: used, source } = await client.until('ltx2_segment_start');
      expect([source, String(used).startsWith(`${prompt}, `)]).toEqual(['enhanced', true]);
      return used;
    };
    const fox = await enhanced('a fox');
    expect(await enhanced('a fox')).toBe(fox);
    expect(String(await enhanced('a dog')).slice(5)).not.toBe(String(fox).slice(5));
  });

  it('has the video go on by itself, each time with another prompt', async () => {
    await using client = await ContractClient.open(server.url, { auto_extension_enabled: true });
    client.prompt('a fox');
    const prompts = [];
    while (prompts.length < 5) prompts.push(String((await client.until('ltx2_segment_start')).prompt));
    expect(new Set(prompts).size).toBe(5);
    expect(prompts.filter((prompt) => !prompt.includes('a fox') || prompt.length > 200)).toEqual([]);
  });

  it('has its curated prompts rewritten', async () => {
    await using client = await ContractClient.open(server.url, { curated_prompts: ['a fox', 'a dog'] });
    client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'at night', count: 4 });
    const { prompts, fallback_used } = await client.until('seed_prompts_updated');
    expect(fallback_used).toBe(false);
    expect(new Set(prompts as string[]).size).toBe(4);
    for (const prompt of prompts as string[]) expect(prompt).toContain('at night');
  });
});
