import { describe, expect, it } from 'vitest';
import { timelineStart } from '../../src/core/media/timeline.ts';
import { acquireOptions, doneOf, request, signals } from './pool-contract.ts';
import { poolWith, workerOf } from './worker-pool.ts';

describe('the life of a worker', () => {
  it('does not end while it only has a lot to do for longer than it may be silent', async () => {
    // Pings come several times a frame; the worker can look at them between two frames only.
    const heartbeat = { intervalMs: 10, allowed: 1000 };
    const pool = poolWith({ heartbeat });
    await pool.start();
    await pool.acquire('s', acquireOptions);
    const generation = { ...request, width: 1280, height: 720, numFrames: 1_000_000 };
    const cancel = new AbortController();
    const run = await pool.run(
      's',
      { generation, timeline: timelineStart },
      { ...signals, cancel: cancel.signal },
    );
    const timer = setTimeout(() => cancel.abort(), 1.5 * heartbeat.intervalMs * heartbeat.allowed);
    const last = [];
    for await (const event of run.events) last[0] = event;
    clearTimeout(timer);
    expect(doneOf(last)).toMatchObject({ cancelled: true });
    expect(workerOf(pool).restarts).toBe(0);
    await pool.close();
  });
});
