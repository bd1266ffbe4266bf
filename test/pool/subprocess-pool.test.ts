import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { timelineStart } from '../../src/core/media/timeline.ts';
import { commandLine, descendantPids } from '../support/child-pids.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { eventually } from '../support/wait-for.ts';
import { acquireOptions, collect, describePool, doneOf, request, signals } from './pool-contract.ts';
import { describeSent } from './sent-contract.ts';
import { poolWith } from './worker-pool.ts';

describePool('the subprocess pool', () => poolWith());
describeSent('the subprocess pool of the test pattern', () => poolWith({ backend: 'mock' }));
describeSent('the subprocess pool of the embedded network', () => poolWith());
describeSent('the subprocess pool of a program that gives frames', () =>
  poolWith({ modelPath: program('generator-worker') }),
);
describeSent('the subprocess pool of a program that encodes', () =>
  poolWith({ modelPath: program('media-worker') }),
);

function program(name: string): string {
  const path = join(repositoryRoot, 'test/support/workers', `${name}.mjs`);
  return `exec:"${process.execPath}" "${path}"`;
}

describe('the subprocess pool', () => {
  it('tells of a death in the middle of a segment, starts the worker again and serves the session on', async () => {
    let restarts = 0;
    const pool = poolWith({ onRestart: () => restarts++ });
    await pool.start();
    await pool.acquire('s', acquireOptions);
    const long = { ...request, numFrames: 5000 };
    const run = await pool.run('s', { generation: long, timeline: timelineStart }, signals);
    const dying = (async () => {
      for await (const event of run.events) {
        if (event.type !== 'media') continue;
        const workers = await descendantPids(process.pid);
        for (const pid of workers) if (await isWorker(pid)) process.kill(pid, 'SIGKILL');
      }
    })();
    await expect(dying).rejects.toMatchObject({
      code: 'worker_failed',
      retryable: true,
      message: expect.stringContaining('SIGKILL'),
    });
    const events = await collect(
      await pool.run('s', { generation: request, timeline: timelineStart }, signals),
    );
    expect(doneOf(events).frames).toBe(12);
    expect(restarts).toBe(1);
    expect(pool.status().workers[0]).toMatchObject({ restarts: 1, ready: true, error: null });
    await pool.close();
  });

  it('leaves no process behind when it is closed in the middle of a segment', async () => {
    const pool = poolWith();
    await pool.start();
    const before = new Set(await descendantPids(process.pid));
    expect([...before].length).toBeGreaterThan(0);
    await pool.acquire('s', acquireOptions);
    const run = await pool.run(
      's',
      { generation: { ...request, numFrames: 5000 }, timeline: timelineStart },
      signals,
    );
    const consuming = collect(run).catch((error: unknown) => error);
    await pool.close();
    expect(await consuming).toMatchObject({ retryable: true });
    await eventually(async () => {
      const left = await Promise.all(
        (await descendantPids(process.pid)).map(async (pid) => (await isWorker(pid)) && pid),
      );
      expect(left.filter(Boolean)).toEqual([]);
    });
  });

  it('warms a worker with two segments, the second going on from the first', async () => {
    const pool = poolWith({ warmup: { request, timeoutMs: 30_000 } });
    await pool.start();
    const [worker] = pool.status().workers;
    expect(worker?.warmup).toMatchObject({ enabled: true, success: true, error: null });
    expect(Object.keys(worker?.warmup.timings ?? {})).toEqual(['boot_ms', 'segment_0_ms', 'segment_1_ms']);
    await pool.close();
  });

  it.each([
    ['says why it cannot start', { modelPath: 'builtin:other' }, 'builtin:other'],
    [
      'exits at its start',
      { command: [process.execPath, '-e', 'console.error("no GPU here"); process.exit(3)'] },
      'no GPU here',
    ],
    ['is no program', { command: ['/nope'] }, '/nope'],
    [
      'never answers',
      { command: [process.execPath, '-e', 'setInterval(() => {}, 1000)'], startTimeoutMs: 300 },
      'not ready within 0.3 s',
    ],
  ] as const)('does not start with a worker that %s', async (_, setup, message) => {
    const pool = poolWith(setup);
    await expect(pool.start()).rejects.toMatchObject({
      code: 'start_failed',
      message: expect.stringContaining(message),
    });
    await pool.close();
  });

  it('gives a segment up that takes longer than its limit', async () => {
    const pool = poolWith({ modelPath: 'mock:gradient', segmentTimeoutMs: 300, sleepMs: 60_000 });
    await pool.start();
    await pool.acquire('s', acquireOptions);
    const late = pool.run('s', { generation: request, timeline: timelineStart }, signals).then(collect);
    await expect(late).rejects.toMatchObject({ code: 'upstream_timeout', retryable: true });
    await pool.close();
  });

  it('holds a worker whose media nobody takes, and loses nothing', async () => {
    const pool = poolWith({ extraArgs: ['-qp', '0'] });
    await pool.start();
    await pool.acquire('s', acquireOptions);
    const generation = { ...request, width: 320, height: 240, numFrames: 400 };
    const run = await pool.run('s', { generation, timeline: timelineStart }, signals);
    let steps = 0;
    let frames = 0;
    let mostAhead = 0;
    for await (const event of run.events) {
      if (event.type === 'step') steps += 1;
      if (event.type !== 'media') continue;
      mostAhead = Math.max(mostAhead, steps - frames);
      // Long enough for a worker that is not held to make every frame.
      if (frames === 0) await new Promise((resolve) => setTimeout(resolve, 4000));
      frames += event.frames;
    }
    expect(frames).toBe(400);
    // A frame has 50 KiB here: the window of 4 KiB and the pipes hold a few dozen.
    expect(mostAhead).toBeLessThan(200);
    await pool.close();
  });
});

async function isWorker(pid: number): Promise<boolean> {
  return (await commandLine(pid)).includes('worker-main');
}
