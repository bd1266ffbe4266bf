import { describe, expect, it } from 'vitest';
import { quick, readyServer } from '../servers.ts';
import { describeBothDialects } from './both-dialects.ts';
import { ProjectClient } from './project-client.ts';

describeBothDialects('serve');

describe('a session of /ws that waits for a worker', () => {
  it('is told when it waited too long', async () => {
    const args = [...quick, '--streaming.pool.num_workers', '1', '--streaming.acquire_timeout_seconds', '1'];
    await using server = await readyServer('serve', args);
    await using bound = await ProjectClient.open(server.url);
    await bound.until('gpu_assigned');
    await using late = await ProjectClient.open(server.url);
    await late.take(2);
    expect(await late.frame()).toMatchObject({ type: 'error', code: 'gpu_unavailable', retryable: true });
    expect(await late.close()).toMatchObject({ code: 1013 });
  });
});
