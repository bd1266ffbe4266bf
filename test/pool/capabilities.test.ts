import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GenerationRequest } from '../../src/core/generators/generator.ts';
import { timelineStart } from '../../src/core/media/timeline.ts';
import { pictureInputs } from '../../src/core/protocol/worker/picture-inputs.ts';
import { hangLimitMs } from '../support/hang-limit.ts';
import { acquireOptions, collect, doneOf, request, signals } from './pool-contract.ts';
import { program } from './programs.ts';
import { poolWith, workerOf } from './worker-pool.ts';

const ownState = { needs_first_frame: false, continuation: 'state', limits: {} };
const pictured = program('frames-worker', 'pictured');

describe('what a model can do', () => {
  it.each([
    ['builtin:cppn', { ...ownState, sound: true, pictures: [] }],
    ['mock:gradient', { ...ownState, sound: true, pictures: pictureInputs }],
    // One that says nothing of it.
    [program('frames-worker'), { ...ownState, sound: false, pictures: ['first_frame'] }],
    [
      program('frames-worker', 'limited'),
      { sound: false, limits: { size_multiple: 16, max_frames: 99, min_seed: 0 } },
    ],
    [pictured, { sound: true, needs_first_frame: true, continuation: 'last_frame' }],
  ])('is told of %s', async (modelPath, expected) => {
    const pool = poolWith({ modelPath });
    expect(workerOf(pool).capabilities).toBeNull();
    await pool.start();
    expect((await pool.acquire('s', acquireOptions)).capabilities).toMatchObject(expected);
    expect(workerOf(pool).capabilities).toMatchObject(expected);
    await pool.close();
  });
});

describe('a model that makes videos from a picture', () => {
  it('is warmed up with one, and then makes none without', async () => {
    const pool = poolWith({ modelPath: pictured, warmup: { request, timeoutMs: hangLimitMs } });
    await pool.start();
    expect(workerOf(pool).warmup).toMatchObject({ success: true });
    await pool.acquire('s', acquireOptions);
    const run = (change: Partial<GenerationRequest>) =>
      pool.run('s', { generation: { ...request, ...change }, timeline: timelineStart }, signals);
    await expect(run({})).rejects.toMatchObject({
      code: 'invalid_message',
      retryable: false,
      message: 'initial_image is missing; the model makes videos from a picture: begin a session with one.',
    });
    const initImagePath = join(await mkdtemp(join(tmpdir(), 'fastvideo-test-')), 'picture');
    await writeFile(initImagePath, 'a picture');
    expect(doneOf(await collect(await run({ initImagePath }))).frames).toBe(request.numFrames);
    await pool.close();
  });
});
