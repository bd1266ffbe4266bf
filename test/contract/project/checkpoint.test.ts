import { beforeEach, describe, expect, it } from 'vitest';
import { png } from '../../sessions/pictures.ts';
import type { ServerProcess } from '../../support/server-process.ts';
import { MovingClient } from '../moving-client.ts';
import { readyServer, sharedServers } from '../servers.ts';
import { checkpointArgs, describeMoves, scenarios, seeds } from './moves.ts';
import { ProjectClient } from './project-client.ts';

describeMoves(
  scenarios.filter(({ name }) => name === 'one project after another'),
  2,
);

describe('session_checkpoint on /ws', () => {
  const shared = sharedServers();
  let server: ServerProcess;
  beforeEach(async () => {
    server = await shared('mock', checkpointArgs);
  });

  it('is never sent unasked', async () => {
    await using client = await ProjectClient.open(server.url, seeds);
    await client.until('prompt_sources_blocked');
    client.send({ type: 'leave' });
    await client.close();
    expect(client.frames('session_checkpoint')).toEqual([]);
  });

  it('is refused when it is malformed', async () => {
    await using client = await ProjectClient.open(server.url, { checkpoint: { begun: true } });
    expect(await client.until('queue_status')).toBeDefined();
    expect(await client.frame()).toMatchObject({ type: 'error', code: 'invalid_message', retryable: false });
    expect(await client.next()).toEqual({ kind: 'close', code: 1003, reason: 'invalid_init' });
  });

  it.each([
    ['a prompt that waits', { ready: [{ prompt_id: 'x', prompt: 'x'.repeat(8193), source: 'user_raw' }] }],
    [
      'a prompt of a model',
      { ready: [{ prompt_id: 'x', prompt: 'x'.repeat(65_537), source: 'user_enhanced' }] },
    ],
    [
      'the prompt of a clip',
      { pending_start: { reason: 'simple_generate', clip: { prompt_id: 'x', prompt: 'x'.repeat(8193) } } },
    ],
  ])('is refused when %s is too long', async (_, change) => {
    await using earlier = await MovingClient.open({ path: '/ws', next: () => server.url });
    await earlier.until('prompt_sources_blocked');
    await using client = await ProjectClient.open(server.url, {
      checkpoint: { ...earlier.members, ...change },
    });
    await client.until('queue_status');
    expect(await client.frame()).toMatchObject({
      type: 'error',
      code: 'invalid_message',
      message: expect.stringMatching(/Reload the page/),
      about: {
        detail: expect.stringMatching(/^session_init_v2: checkpoint: a prompt of \d+ characters is over/),
      },
    });
    expect(await client.next()).toEqual({ kind: 'close', code: 1003, reason: 'invalid_init' });
  });

  it('keeps a picture that came after the opening', async () => {
    const data =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+M8AAAMBAQDJ/pLvAAAAAElFTkSuQmCC';
    await using client = await MovingClient.open({ path: '/ws', next: () => server.url });
    await client.until('gpu_assigned');
    const initial_image = { mime: 'image/png', data };
    client.send({ type: 'simple_generate', prompt: 'a clip', prompt_id: 'x', initial_image });
    await client.until('ltx2_stream_complete');
    expect(client.members).toMatchObject({ picture: initial_image, single_clip: true, current: null });
  });
});

describe('what a client chose about its video', () => {
  const shared = sharedServers();

  it('goes along to another server, and is looked at there', async () => {
    const server = await shared('mock', checkpointArgs);
    const choices = { generation_mode: 'i2v', aspect_ratio: '1:1', segment_count: 3 };
    const headers = { 'content-type': 'image/png' };
    const body = new Uint8Array(png({ width: 8, height: 8 }));
    const upload = await fetch(`${server.url}/uploads`, { method: 'POST', headers, body });
    const { asset_id } = (await upload.json()) as { readonly asset_id: string };
    await using client = await MovingClient.open({ path: '/ws', next: () => server.url });
    await client.until('gpu_assigned');
    client.send({ type: 'end_project_keep_session' });
    await client.until('project_idle');
    const conditioning_assets = [{ asset_id, role: 'first_frame' }];
    client.send({
      type: 'project_init_v1',
      ...choices,
      conditioning_assets,
      curated_prompts: ['one', 'two'],
    });
    const config = (await client.until('ltx2_stream_start'))['creation_config'];
    await client.until('prompt_sources_blocked');
    const { members } = client;
    expect(members).toMatchObject({
      creation: choices,
      picture: { first: { asset_id }, references: [] },
    });
    const init = { checkpoint: members, already_sent: null };
    await using there = await MovingClient.open({ path: '/ws', init, next: () => server.url });
    expect(await there.until('gpu_assigned')).toMatchObject({ creation_config: config });
    there.send({ type: 'append_prompt', prompt: 'three' });
    expect(await there.until('ltx2_segment_start')).toMatchObject({ segment_idx: 3 });
    await there.until('ltx2_stream_complete');
    const creation = { ...choices, aspect_ratio: '5:4' };
    await using refused = await ProjectClient.open(server.url, { checkpoint: { ...members, creation } });
    expect(await refused.until('error')).toMatchObject({
      about: { detail: expect.stringContaining('aspect_ratio: must be ') },
    });
  });
});

describe('a drain of a session of /ws with checkpoints', () => {
  it('lets the segment end, begins no other, and says no error and no end of the stream', async () => {
    const args = [...checkpointArgs, '--streaming.generation_segment_cap', '1000', '--mock.sleep_ms', '500'];
    await using one = await readyServer('mock', [...args, '--server.drain_seconds', '600']);
    const init = { curated_prompts: Array.from({ length: 50 }, (_, index) => `fox ${index}`) };
    await using client = await MovingClient.open({ path: '/ws', init, next: () => one.url });
    await client.until('ltx2_segment_start');
    one.signal('SIGTERM');
    expect(await client.untilClosed()).toEqual({ code: 1001, reason: 'server_draining' });
    expect(await one.exited).toEqual({ code: 0, signal: null });
    const types = client.frames.map(({ type }) => type);
    expect(types.slice(-2)).toEqual(['step_complete', 'ltx2_segment_complete']);
    const made = types.filter((type) => type === 'ltx2_segment_complete').length;
    expect(client.members).toMatchObject({ current: null, seed_next: made, streaming: true });
  });
});
