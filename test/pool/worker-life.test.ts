import { describe, expect, it } from 'vitest';
import { timelineStart } from '../../src/core/media/timeline.ts';
import { RestartPolicy } from '../../src/core/pool/subprocess/restart-policy.ts';
import { descendantPids } from '../support/child-pids.ts';
import { eventually, waitFor } from '../support/wait-for.ts';
import { acquireOptions, collect, doneOf, request, signals } from './pool-contract.ts';
import { isAlive } from './processes.ts';
import { pidOf, poolWith, workerOf } from './worker-pool.ts';

const segment = { generation: request, timeline: timelineStart };

describe('the life of a worker', () => {
  it('ends, and begins anew, when it answers no pings', async () => {
    const pool = poolWith({ modelPath: 'mock:gradient', heartbeat: { intervalMs: 100, allowed: 10 } });
    await pool.start();
    const pid = pidOf(pool);
    process.kill(pid, 'SIGSTOP');
    await waitFor('other process', () => workerOf(pool).ready && workerOf(pool).pid !== pid);
    expect(workerOf(pool).restarts).toBeGreaterThanOrEqual(1);
    expect(await isAlive(pid)).toBe(false);
    await pool.close();
  });

  it('ends when it does not end a cancelled segment within the grace time', async () => {
    const pool = poolWith({ modelPath: 'mock:gradient', sleepMs: 60_000, stopRunGraceMs: 200 });
    await pool.start();
    await pool.acquire('s', acquireOptions);
    const cancel = new AbortController();
    const run = await pool.run('s', segment, { ...signals, cancel: cancel.signal });
    const events = collect(run);
    process.kill(pidOf(pool), 'SIGSTOP');
    cancel.abort(new Error('cancelled'));
    await expect(events).rejects.toMatchObject({
      code: 'worker_failed',
      retryable: true,
      message: expect.stringContaining('did not end a cancelled segment within 0.2 s'),
    });
    await eventually(() => expect(workerOf(pool)).toMatchObject({ ready: true, restarts: 1 }));
    await pool.close();
  });

  it('is over after too many deaths, until somebody looks after it', async () => {
    const pool = poolWith({
      modelPath: 'mock:gradient',
      restarts: { maxDeaths: 3, windowMs: 3_600_000, maxDelayMs: 30_000 },
    });
    await pool.start();
    await pool.acquire('s', acquireOptions);
    let killed: number | undefined;
    for (let death = 1; death <= 3; death += 1) {
      await waitFor('next process', () => workerOf(pool).ready && workerOf(pool).pid !== killed);
      killed = pidOf(pool);
      process.kill(killed, 'SIGKILL');
    }
    await eventually(() => expect(workerOf(pool).state).toBe('parked'));
    expect(workerOf(pool).error).toMatch(
      /^It died 3 times within 3600 s and is parked; the last time: .*SIGKILL/,
    );
    await expect(pool.run('s', segment, signals)).rejects.toThrow('parked');
    await expect(pool.acquire('t', acquireOptions)).rejects.toMatchObject({ code: 'gpu_unavailable' });
    expect([pool.unpark('nobody'), pool.unpark('worker-0'), pool.unpark('worker-0')]).toEqual([
      false,
      true,
      false,
    ]);
    await eventually(() => expect(workerOf(pool)).toMatchObject({ ready: true, error: null }));
    expect(doneOf(await collect(await pool.run('s', segment, signals))).frames).toBe(12);
    await pool.close();
  });

  it('refuses at once those who wait when the last worker is parked', async () => {
    const pool = poolWith({
      modelPath: 'mock:gradient',
      restarts: { maxDeaths: 1, windowMs: 3_600_000, maxDelayMs: 30_000 },
    });
    await pool.start();
    await pool.acquire('s', acquireOptions);
    const waiting = pool.acquire('t', acquireOptions);
    process.kill(pidOf(pool), 'SIGKILL');
    await expect(waiting).rejects.toMatchObject({ code: 'gpu_unavailable', message: /parked/ });
    await pool.close();
  });

  it('takes all that the worker started with it', async () => {
    const pool = poolWith({ encoder: 'ffmpeg' });
    await pool.start();
    await pool.acquire('s', acquireOptions);
    const pid = pidOf(pool);
    await collect(await pool.run('s', segment, signals));
    await waitFor('an encoder that is kept ready', async () => (await descendantPids(pid)).length > 0);
    const children = await descendantPids(pid);
    // Stopped, they cannot notice by themselves that their parent has gone.
    for (const child of children) process.kill(child, 'SIGSTOP');
    process.kill(pid, 'SIGKILL');
    await waitFor(
      'end of the encoders',
      async () => !(await Promise.all(children.map(isAlive))).includes(true),
    );
    await pool.close();
  });

  it('leaves the other workers to their sessions', async () => {
    const pool = poolWith({ workers: 2, modelPath: 'mock:gradient' });
    await pool.start();
    const [first, second] = [
      await pool.acquire('a', acquireOptions),
      await pool.acquire('b', acquireOptions),
    ];
    expect(first.workerId).not.toBe(second.workerId);
    pool.release('b');
    const index = Number(first.workerId.at(-1));
    const killed = pidOf(pool, index);
    process.kill(killed, 'SIGKILL');
    await eventually(() => expect(workerOf(pool, index).pid).not.toBe(killed));
    // The free worker takes the session over; it does not wait for its own.
    expect(doneOf(await collect(await pool.run('a', segment, signals))).frames).toBe(12);
    await pool.close();
  });
});

describe('RestartPolicy', () => {
  it('waits longer after each death in a row, and short again after a long life', () => {
    const policy = new RestartPolicy({ maxDeaths: 100, windowMs: 1000, maxDelayMs: 30_000 });
    const delays = Array.from({ length: 10 }, (_, index) => policy.next(index * 2000, 10));
    expect(delays).toEqual([200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
    expect(policy.next(100_000, 60_000)).toBe(200);
  });

  it('gives up after too many deaths in the window, and forgets the old ones', () => {
    const policy = new RestartPolicy({ maxDeaths: 3, windowMs: 1000, maxDelayMs: 30_000 });
    expect([0, 600, 1100].map((at) => policy.next(at, 1))).toEqual([200, 400, 800]);
    expect(policy.next(1500, 1)).toBeNull();
    policy.forget();
    expect(policy.next(1600, 1)).toBe(200);
  });
});
