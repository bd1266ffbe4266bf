import { describe, expect, it } from 'vitest';
import { promptsAsTheyAre, quick, readyServer } from '../servers.ts';
import { describeOpening } from './opening.ts';
import { ProjectClient } from './project-client.ts';

describeOpening('mock');

describe('the limits of /ws', () => {
  it('end a session when its time is over, however busy it is', async () => {
    await using server = await readyServer('mock', [...quick, '--streaming.session_timeout_seconds', '1']);
    await using client = await ProjectClient.open(server.url, {
      ...{ curated_prompts: ['one'], loop_generation_enabled: true },
    });
    // Segment after segment: it is never idle.
    expect(await client.until('session_timeout')).toEqual({
      type: 'session_timeout',
      message: expect.stringMatching(/1 s/),
    });
    expect(await client.close()).toMatchObject({ code: 1000 });
  });

  it('tell no time where there is no limit, which the web app would take for a session that is over', async () => {
    await using server = await readyServer('mock', [...quick, '--streaming.session_timeout_seconds', '0']);
    await using client = await ProjectClient.open(server.url, { curated_prompts: ['one'] });
    expect(await client.until('gpu_assigned')).toEqual({ type: 'gpu_assigned', gpu_id: 0, steering: true });
    await client.segment();
  });

  it('take a silent client for one that has sent an empty init', async () => {
    const args = [...quick, ...promptsAsTheyAre, '--streaming.init_timeout_seconds', '0.5'];
    await using server = await readyServer('mock', args);
    await using client = await ProjectClient.connect(server.url);
    expect(await client.until('ltx2_stream_start')).toMatchObject({ total_segments: 0 });
    expect(await client.until('prompt_sources_blocked')).toMatchObject({ segment_idx: 1 });
  });
});
