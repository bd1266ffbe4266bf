import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ContractClient } from '../client.ts';
import { idle, quick, readyServer } from '../servers.ts';
import { describeOpening } from './opening.ts';
import { ProjectClient } from './project-client.ts';

describeOpening('serve');

it('a client that vanishes gives its worker back', async () => {
  await using server = await readyServer('serve', quick);
  const client = await ProjectClient.open(server.url, {
    curated_prompts: ['one'],
    loop_generation_enabled: true,
  });
  await client.until('media_init');
  const closed = once(client.socket, 'close');
  client.socket.terminate();
  await closed;
  await idle(server);
  await using other = await ProjectClient.open(server.url, { curated_prompts: ['two'] });
  expect((await other.segment())['prompt']).toBe('two');
});

describe('the limits of /ws', () => {
  it('are those of all sessions: one of the other dialect takes the last place', async () => {
    await using server = await readyServer('mock', [...quick, '--streaming.max_sessions', '1']);
    await using first = await ContractClient.open(server.url);
    expect(first.frames('gpu_assigned')).toHaveLength(1);
    await using second = await ProjectClient.open(server.url);
    expect(await second.until('queue_status')).toBeTruthy();
    expect(await second.frame()).toMatchObject({ type: 'error', code: 'session_rejected', retryable: false });
    expect(await second.close()).toMatchObject({ code: 1013, reason: 'session_rejected' });
  });
});
