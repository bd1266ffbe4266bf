import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server-process.ts';
import { httpTests } from './http-tests.ts';
import { sharedServers } from './servers.ts';

httpTests(sharedServers(), 'mock');

describe('`fastvideo serve` before its worker is ready', () => {
  it('answers /readyz with warming, and with ?strict 503 and why', async () => {
    // A warm-up of a segment this long does not end while the test looks.
    const args = ['--default_request.sampling.num_frames', '10000'];
    await using server = await startServer({ command: 'serve', args });
    const relaxed = await fetch(`${server.url}/readyz`);
    expect(relaxed.status).toBe(200);
    expect(await relaxed.json()).toMatchObject({ status: 'warming', ready_gpu_workers: 0 });
    const strict = await fetch(`${server.url}/readyz?strict`);
    expect(strict.status).toBe(503);
    expect(await strict.json()).toMatchObject({ status: 'warming', detail: expect.stringMatching(/./) });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    server.signal('SIGKILL');
  });
});
