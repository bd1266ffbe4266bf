import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot, type ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { MovingClient } from './moving-client.ts';
import { type Command, quick, readyServer, type Shared } from './servers.ts';

const model = join(repositoryRoot, 'fixtures/safety/sentences.bin');
export const filtered = ['--streaming.safety.enabled', 'true', '--streaming.safety.classifier_path', model];
const safe = 'a red fox walks through fresh snow';
export const unsafe = 'two gangs attack each other with knives';

export function safetyTests(shared: Shared, command: Command): void {
  describe(`the safety filter on \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      const enhanced = ['--streaming.prompt.enabled', 'true', '--streaming.prompt.provider', 'echo'];
      server = await shared(command, [...quick, ...filtered, ...enhanced]);
    });

    it('blocks a prompt, and the session goes on with the next', async () => {
      await using client = await ContractClient.open(server.url);
      client.prompt(unsafe);
      client.prompt(safe);
      expect(await client.until('error')).toMatchObject({ code: 'prompt_blocked', retryable: false });
      expect(await client.until('ltx2_segment_start')).toMatchObject({ segment_idx: 0, prompt: safe });
      await client.until('ltx2_segment_complete');
    });

    it('closes an opening with a blocked curated prompt', async () => {
      await using client = await ContractClient.connect(server.url);
      client.send({ type: 'session_init_v2', curated_prompts: [safe, unsafe] });
      expect(await client.frame()).toMatchObject({ type: 'error', code: 'prompt_blocked' });
      expect(await client.close()).toMatchObject({ code: 1008, reason: 'prompt_blocked' });
    });

    it.each([
      ['that waits', { waiting: [{ prompt: unsafe, source: 'user', ready: true }] }],
      [
        'of the segment that was being made',
        {
          current: {
            segment_idx: 0,
            stream_id: 's-0',
            prompt: { prompt: unsafe, source: 'user', ready: true },
            cancelled: false,
          },
        },
      ],
      ['among those that were made', { history: [unsafe] }],
    ])('closes an opening from a checkpoint with a blocked prompt %s', async (_, members) => {
      await using before = await MovingClient.open({ path: '/v1/stream', next: () => server.url });
      await before.until('ltx2_stream_start');
      before.send({ type: 'snapshot_state' });
      await before.until('error');
      await using client = await ContractClient.connect(server.url);
      client.send({ type: 'session_init_v2', checkpoint: { ...before.members, ...members } });
      expect(await client.frame()).toMatchObject({ type: 'error', code: 'prompt_blocked' });
      expect(await client.close()).toMatchObject({ code: 1008, reason: 'prompt_blocked' });
    });

    it('keeps the old curated prompts when a new one is blocked', async () => {
      await using client = await ContractClient.open(server.url, { curated_prompts: [safe] });
      client.send({ type: 'seed_prompts_updated', seed_prompts: [unsafe] });
      expect(await client.until('error')).toMatchObject({ code: 'prompt_blocked' });
      client.send({ type: 'loop_generation_updated', enabled: true });
      expect(await client.until('ltx2_segment_start')).toMatchObject({ prompt: safe, source: 'curated' });
    });

    it('counts what it looked at', async () => {
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      expect(metrics).toMatch(/fastvideo_prompts_checked_total\{decision="block"\} [1-9]/);
      expect(metrics).toMatch(/fastvideo_prompts_checked_total\{decision="allow"\} [1-9]/);
    });
  });
}

/** For a `describe`. */
export function uncheckedTest(): void {
  it('lets prompts through unchecked where the operator says so', async () => {
    await using server = await readyServer('mock', [
      ...quick,
      ...filtered.slice(0, 3),
      '/no/such/model.bin',
      ...['--streaming.safety.on_unavailable', 'allow'],
    ]);
    expect(server.stderr()).toContain('prompts are not checked');
    await using client = await ContractClient.open(server.url);
    client.prompt(unsafe);
    await client.until('ltx2_segment_complete');
  });
}
