import { describe, expect, it } from 'vitest';
import type { GenerationRequest } from '../../src/core/generators/generator.ts';
import { timelineStart } from '../../src/core/media/timeline.ts';
import { descendantPids } from '../support/child-pids.ts';
import { hangLimitMs } from '../support/hang-limit.ts';
import { waitFor } from '../support/wait-for.ts';
import { acquireOptions, collect, describePool, doneOf, request, signals } from './pool-contract.ts';
import { isAlive, untilQuiet } from './processes.ts';
import { program } from './programs.ts';
import { describeSent } from './sent-contract.ts';
import { pidOf, poolWith, workerOf } from './worker-pool.ts';

describePool('the subprocess pool', () => poolWith());
describeSent('the subprocess pool of the embedded network', () => poolWith());

describe('the subprocess pool', () => {
  it('tells of a death in the middle of a segment, starts the worker again and serves the session on', async () => {
    let restarts = 0;
    const pool = poolWith({ onRestart: () => restarts++ });
    await pool.start();
    await pool.acquire('s', acquireOptions);
    const long = { ...request, numFrames: 5000 };
    // The request is not to blame, however often somebody kills its worker.
    for (let time = 1; time <= 3; time += 1) {
      const run = await pool.run('s', { generation: long, timeline: timelineStart }, signals);
      const dying = (async () => {
        const pid = pidOf(pool);
        for await (const event of run.events) if (event.type === 'media') process.kill(pid, 'SIGKILL');
      })();
      await expect(dying).rejects.toMatchObject({
        code: 'worker_failed',
        retryable: true,
        message: expect.stringContaining('SIGKILL'),
      });
    }
    const events = await collect(
      await pool.run('s', { generation: request, timeline: timelineStart }, signals),
    );
    expect(doneOf(events).frames).toBe(12);
    expect(restarts).toBe(3);
    expect(pool.status().workers[0]).toMatchObject({ restarts: 3, ready: true, error: null });
    await pool.close();
  });

  it('makes a segment no third time that two workers have died of, and other segments all the same', async () => {
    const pool = poolWith({ modelPath: program('frames-worker') });
    await pool.start();
    await pool.acquire('s', acquireOptions);
    const run = async (prompt: string) => {
      const segment = { generation: { ...request, prompt }, timeline: timelineStart };
      return doneOf(await collect(await pool.run('s', segment, signals))).frames;
    };
    await expect(run('dies')).rejects.toMatchObject({ code: 'worker_failed', retryable: true });
    const last = { code: 'worker_failed', retryable: false };
    await expect(run('dies')).rejects.toMatchObject({
      ...last,
      message: expect.stringMatching(/^This request has ended 2 workers and is not tried again/),
    });
    expect(await run('lives')).toBe(12);
    expect(workerOf(pool).restarts).toBe(2);
    await expect(run('dies')).rejects.toMatchObject(last);
    expect(workerOf(pool)).toMatchObject({ restarts: 2, ready: true });
    await pool.close();
  });

  it('asks a worker for nothing that its model does not take', async () => {
    const pool = poolWith({ modelPath: program('frames-worker', 'limited') });
    await pool.start();
    await pool.acquire('s', acquireOptions);
    const refused = async (change: Partial<GenerationRequest>, message: string) => {
      const segment = { generation: { ...request, ...change }, timeline: timelineStart };
      await expect(pool.run('s', segment, signals)).rejects.toMatchObject({
        code: 'invalid_message',
        retryable: false,
        message,
      });
    };
    await refused({ width: 72 }, 'width is 72; the model makes multiples of 16, for example 64 or 80.');
    await refused({ seed: -1 }, 'seed is -1; the model takes 0 or more.');
    await refused({ numFrames: 100 }, 'num_frames is 100; the model takes 99 or less.');
    await refused(
      { prompt: 'a \u{1F98A} and \uD83E' },
      'prompt: character 9 is half of a surrogate pair (U+D83E); send whole characters.',
    );
    await pool.close();
  });

  it('does not start with a default request that the model does not take', async () => {
    const pool = poolWith({
      modelPath: program('frames-worker', 'limited'),
      usual: { ...request, width: 66 },
    });
    await expect(pool.start()).rejects.toMatchObject({
      code: 'start_failed',
      message: 'default_request.sampling.width is 66; the model makes multiples of 16, for example 64 or 80.',
    });
    await pool.close();
  });

  it('leaves no process behind when it is closed in the middle of a segment', async () => {
    const pool = poolWith({ encoder: 'ffmpeg' });
    await pool.start();
    await pool.acquire('s', acquireOptions);
    const generation = { ...request, numFrames: 5000 };
    const run = await pool.run('s', { generation, timeline: timelineStart }, signals);
    const events = run.events[Symbol.asyncIterator]();
    while ((await events.next()).value?.type !== 'media');
    const pid = pidOf(pool);
    const encoders = await descendantPids(pid);
    expect(encoders.length).toBeGreaterThanOrEqual(2);
    await pool.close();
    const rest = async () => {
      while (!(await events.next()).done);
    };
    await expect(rest()).rejects.toThrow();
    await waitFor('end of the worker and its encoders', async () => {
      return !(await Promise.all([pid, ...encoders].map(isAlive))).includes(true);
    });
  });

  it('warms a worker with two segments, the second going on from the first', async () => {
    const pool = poolWith({ warmup: { request, timeoutMs: hangLimitMs } });
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
    const pool = poolWith({ modelPath: 'mock:gradient', extraArgs: ['-qp', '0'] });
    await pool.start();
    await pool.acquire('s', acquireOptions);
    const generation = { ...request, width: 320, height: 240, numFrames: 200, numInferenceSteps: 200 };
    const run = await pool.run('s', { generation, timeline: timelineStart }, signals);
    let steps = 0;
    let frames = 0;
    let mostAhead = 0;
    for await (const event of run.events) {
      if (event.type === 'step') steps += 1;
      if (event.type !== 'media') continue;
      mostAhead = Math.max(mostAhead, steps - frames);
      // One that is not held makes every frame meanwhile.
      if (frames === 0) await untilQuiet(pidOf(pool));
      frames += event.frames;
    }
    expect(frames).toBe(200);
    // A frame has 50 KiB here: the window of 4 KiB and the pipes hold a few dozen.
    expect(mostAhead).toBeLessThan(100);
    await pool.close();
  });
});
