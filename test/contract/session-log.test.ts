import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { ProjectClient } from './project/project-client.ts';
import { makeSegment } from './segment.ts';
import { quick, readyServer } from './servers.ts';

interface Line {
  readonly session_id: string;
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fastvideo-session-logs-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The whole log of the only session. */
async function logIn(directory: string): Promise<readonly Line[]> {
  return await eventually(async () => {
    const [file, ...others] = await readdir(directory);
    expect(others).toEqual([]);
    const lines = (await readFile(join(directory, file ?? ''), 'utf8')).trim().split('\n');
    const log = lines.map((line) => JSON.parse(line) as Line);
    expect(log.at(-1)?.event).toBe('session_end');
    return log;
  });
}

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

it('the log of a native session tells who came, what was asked, enhanced and made, how fast, and no secret', async () => {
  const directory = join(folder, 'native');
  await using server = await readyServer('mock', [...quick, '--streaming.session_log_dir', directory]);
  await using client = await ContractClient.open(server.url, {
    client_id: 'me',
    enhancement_enabled: true,
    initial_image: { mime: 'image/png', data: png },
  });
  await makeSegment(client, 'a red fox', { negative_prompt: 'rain' });
  client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'at night' });
  await client.until('rewrite_seed_prompts_complete');
  client.send({ type: 'leave' });
  await client.close();
  const log = await logIn(directory);
  const of = (event: string) => log.filter((line) => line.event === event).map(({ payload }) => payload);
  expect(of('session_init')).toMatchObject([
    { dialect: 'native', host: hostname(), client_id: 'me', resumed: false },
  ]);
  expect(of('segment_prompt_source')).toEqual([]);
  expect(of('prompt_ready')).toMatchObject([
    { prompt: expect.stringContaining('a red fox'), provider: 'echo', latency_ms: expect.any(Number) },
  ]);
  expect(of('segment_start')).toMatchObject([
    { segment_idx: 0, prompt: expect.stringContaining('a red fox') },
  ]);
  const [made] = of('segment_completed');
  expect(made).toMatchObject({
    frames: 12,
    total_ms: expect.any(Number),
    first_media_ms: expect.any(Number),
  });
  expect(made?.['bytes']).toBe(client.frames('media_segment_complete')[0]?.['bytes']);
  expect(of('rewrite_seed_prompts')).toMatchObject([{ rewrite_instruction: 'at night' }]);
  expect(of('rewrite_seed_prompts_complete')).toMatchObject([{ fallback_used: false, model: 'echo' }]);
  const token = String(client.frames('gpu_assigned')[0]?.['resume_token']);
  expect(JSON.stringify(log)).not.toContain(token);
  expect(JSON.stringify(log)).not.toContain(png.slice(0, 20));
});

it('the log of a session of /ws tells lengths in place of prompts where the operator wants no prompts', async () => {
  const directory = join(folder, 'project');
  await using server = await readyServer('mock', [
    ...quick,
    ...['--streaming.session_log_dir', directory, '--streaming.session_log_prompts', 'false'],
  ]);
  await using client = await ProjectClient.open(server.url, { curated_prompts: ['a secret garden'] });
  await client.segment();
  client.send({ type: 'append_prompt', prompt: 'a secret door', prompt_id: 'p' });
  await client.segment();
  client.send({ type: 'leave' });
  await client.close();
  const log = await logIn(directory);
  const of = (event: string) => log.filter((line) => line.event === event).map(({ payload }) => payload);
  expect(of('session_init')).toMatchObject([{ dialect: 'project', curated_prompts: ['15 characters'] }]);
  expect(of('append_prompt')).toEqual([{ prompt: '13 characters', prompt_id: 'p' }]);
  expect(of('prompt_ready')).toMatchObject([
    { prompt_id: 'p', prompt: expect.stringMatching(/^\d+ characters$/) },
  ]);
  expect(of('segment_completed')).toHaveLength(2);
  expect(JSON.stringify(log)).not.toContain('secret');
});
