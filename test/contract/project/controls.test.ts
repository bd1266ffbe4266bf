import { describe, expect, it } from 'vitest';
import { quick, quickPicture, readyServer } from '../servers.ts';
import { describeControls } from './controls.ts';
import { ProjectClient } from './project-client.ts';

describeControls('mock');

describe('the segment cap of /ws', () => {
  it('completes the stream, and only a restart or a rewrite goes on', async () => {
    await using server = await readyServer('mock', [...quick, '--streaming.generation_segment_cap', '2']);
    await using client = await ProjectClient.open(server.url, { curated_prompts: ['one', 'two', 'three'] });
    expect(await client.until('ltx2_stream_start')).toMatchObject({ generation_segment_cap: 2 });
    await client.segment();
    await client.segment();
    expect(await client.frame()).toEqual({ type: 'ltx2_stream_complete' });
    for (const type of ['append_prompt', 'reset_to_seed_prompts']) {
      client.send({ type, prompt: 'too late' });
      expect(await client.frame()).toEqual({
        ...{ type: 'error', code: 'invalid_message', retryable: true },
        message: "The session's clips are all made. Use Rewrite to start a new story.",
        about: { message: type, detail: expect.stringContaining('segment cap') },
      });
    }
    client.send({ type: 'restart_generation' });
    expect(await client.take(3)).toMatchObject([
      { type: 'generation_restarted', reason: 'cap_restart', segment_cap: 2 },
      { type: 'ltx2_stream_start', loop_iteration: 2 },
      { type: 'seed_prompts_reset_applied', reason: 'cap_restart' },
    ]);
    await client.segment();
    await client.segment();
    expect(await client.frame()).toEqual({ type: 'ltx2_stream_complete' });
  });

  it('is six without a config file, as in FastVideo, whose web app offers what is complete for download', async () => {
    await using server = await readyServer('mock', quickPicture);
    await using client = await ProjectClient.open(server.url, {
      curated_prompts: ['one'],
      loop_generation_enabled: true,
    });
    expect(await client.until('ltx2_stream_start')).toMatchObject({ generation_segment_cap: 6 });
    for (let count = 0; count < 6; count += 1) await client.segment();
    expect(await client.frame()).toEqual({ type: 'ltx2_stream_complete' });
  });
});
