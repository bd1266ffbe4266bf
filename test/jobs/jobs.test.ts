import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FastVideoError } from '../../src/core/base/errors.ts';
import type { Part } from '../../src/core/base/lifecycle.ts';
import { createLogger } from '../../src/core/base/log.ts';
import { isOver, type Job, type JobRequest } from '../../src/core/jobs/job.ts';
import type { JobEntry } from '../../src/core/jobs/job-entry.ts';
import { JobFolder } from '../../src/core/jobs/job-folder.ts';
import { type JobLimits, Jobs } from '../../src/core/jobs/jobs.ts';
import { createStills } from '../../src/core/media/ffmpeg/stills.ts';
import { timelineStart } from '../../src/core/media/timeline.ts';
import type {
  Pool,
  RunSignals,
  SegmentEvent,
  SegmentRequest,
  SegmentRun,
  WorkerInfo,
} from '../../src/core/pool/pool.ts';
import { waitFor } from '../support/wait-for.ts';

const logger = createLogger({ level: 'silent' });
const request: JobRequest = {
  prompt: 'a kite',
  seed: 1,
  width: 64,
  height: 64,
  fps: 24,
  num_frames: 2,
  num_inference_steps: 1,
  guidance_scale: 1,
};
const roomy: JobLimits = { maxRunning: 1, maxQueued: 10, maxKept: 100, maxBytes: 2 ** 30, ttlMs: 3_600_000 };

type Course = (request: SegmentRequest, signal: AbortSignal) => AsyncGenerator<SegmentEvent, void, undefined>;

const media = { type: 'media', frames: 2, timeline: timelineStart } as const;

/** A whole segment of so many bytes. */
async function* whole(bytes = 100): AsyncGenerator<SegmentEvent, void, undefined> {
  yield { type: 'step', step: 1, totalSteps: 1, stage: 'denoise' };
  yield { type: 'init', data: new Uint8Array(8), mime: 'video/mp4' };
  yield { ...media, data: new Uint8Array(bytes) };
  yield { type: 'done', frames: 2, durationMs: 83, timeline: timelineStart, cancelled: false };
}

async function* dies(): AsyncGenerator<SegmentEvent, void, undefined> {
  yield { type: 'init', data: new Uint8Array(8), mime: 'video/mp4' };
  throw new FastVideoError('worker_failed', 'The worker died.');
}

const worker: WorkerInfo = {
  workerId: 'worker-0',
  gpuId: 0,
  modelId: 'scripted',
  stateKind: 'none',
  streamsFrames: true,
  capabilities: {
    sound: false,
    pictures: [],
    needs_first_frame: false,
    continuation: 'none',
    adapters: false,
    steering: false,
    limits: {},
  },
  audio: null,
  steering: false,
};

/** One worker, and what becomes of each segment in turn; the last course holds for all that follow. */
class ScriptedPool implements Pick<Pool, 'acquire' | 'release' | 'run'> {
  readonly runs: SegmentRequest[] = [];
  readonly #courses: Course[];

  constructor(...courses: Course[]) {
    this.#courses = courses;
  }

  async acquire(): Promise<WorkerInfo> {
    return worker;
  }

  release(): void {}

  async run(_: string, asked: SegmentRequest, { abandon }: RunSignals): Promise<SegmentRun> {
    this.runs.push(asked);
    const course = (this.#courses.length > 1 ? this.#courses.shift() : this.#courses[0]) ?? (() => whole());
    return { totalSteps: 1, events: course(asked, abandon) };
  }
}

describe('Jobs', () => {
  let directory: string;
  const started: { readonly jobs: Jobs; readonly making: Part }[] = [];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fastvideo-jobs-'));
  });
  afterEach(async () => {
    for (const one of started.splice(0)) await stop(one);
    await rm(directory, { recursive: true, force: true });
  });

  async function stop({ jobs, making }: (typeof started)[number]): Promise<void> {
    await making.stop?.();
    await jobs.stop();
  }

  async function start(pool: ScriptedPool, limits: Partial<JobLimits> = {}) {
    const jobs = new Jobs({
      pool,
      folder: new JobFolder(directory, { records: true, logger }),
      temporary: false,
      stills: createStills(),
      limits: { ...roomy, ...limits },
      logger,
    });
    const { making } = jobs;
    started.push({ jobs, making });
    await jobs.start();
    await making.start?.();
    return jobs;
  }

  async function over(entry: JobEntry): Promise<Job> {
    await waitFor(`end of ${entry.job.id}`, () => isOver(entry.job));
    return entry.job;
  }

  const video = { kind: 'video', request } as const;

  it('runs a job once more whose worker died, and no third time', async () => {
    const pool = new ScriptedPool(dies, () => whole(), dies);
    const jobs = await start(pool);
    expect(await over(await jobs.create(video))).toMatchObject({ status: 'completed', attempts: 2 });
    const failed = await over(await jobs.create(video));
    expect(failed).toMatchObject({
      status: 'failed',
      attempts: 2,
      error: { code: 'worker_failed', message: 'The worker died.' },
    });
    expect(pool.runs).toHaveLength(4);
  });

  it('does not run again what would fail again', async () => {
    const pool = new ScriptedPool(async function* () {
      yield { type: 'init', data: new Uint8Array(8), mime: 'video/mp4' };
      throw new FastVideoError('invalid_message', 'The model makes multiples of 32.', { retryable: false });
    });
    const jobs = await start(pool);
    expect(await over(await jobs.create(video))).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'invalid_message' },
    });
  });

  it('does not take a segment for whole that ends early or without media', async () => {
    const pool = new ScriptedPool(async function* () {
      yield { type: 'init', data: new Uint8Array(8), mime: 'video/mp4' };
    });
    const jobs = await start(pool);
    expect(await over(await jobs.create(video))).toMatchObject({ status: 'failed', attempts: 2 });
  });

  it('forgets the oldest ended jobs where there are too many, with their files', async () => {
    const jobs = await start(new ScriptedPool(() => whole()), { maxKept: 2 });
    const ids: string[] = [];
    for (let made = 0; made < 5; made += 1) {
      const entry = await jobs.create(video);
      ids.push(entry.job.id);
      await over(entry);
    }
    await waitFor('two jobs', () => jobs.list('video').length === 2);
    expect(jobs.list('video').map(({ job }) => job.id)).toEqual(ids.slice(3));
    await waitFor('two folders', async () => (await readdir(directory)).length === 3);
    expect((await readdir(directory)).sort()).toEqual(['server.json', ...ids.slice(3)].sort());
  });

  it('forgets the oldest where the files are too large, and refuses where none has ended', async () => {
    const jobs = await start(new ScriptedPool(() => whole(5000)), { maxBytes: 8000 });
    const first = await jobs.create(video);
    await over(first);
    const second = await jobs.create(video);
    await over(second);
    await waitFor('the last job alone', () => jobs.list('video').length === 1);
    expect(jobs.get(second.job.id)).toBeDefined();
    expect(jobs.get(first.job.id)).toBeUndefined();
  });

  it('forgets jobs that are too old', async () => {
    const jobs = await start(new ScriptedPool(() => whole()), { ttlMs: 1 });
    const entry = await jobs.create(video);
    await over(entry);
    await waitFor('the end of its time', async () => {
      await over(await jobs.create(video));
      return jobs.get(entry.job.id) === undefined;
    });
    expect(entry.removed).toBe(true);
  });

  it('refuses a job where too many wait', async () => {
    const jobs = await start(new ScriptedPool(waits), { maxQueued: 2 });
    const entries = [await jobs.create(video)];
    await waitFor('a running job', () => jobs.counts.running === 1);
    entries.push(await jobs.create(video), await jobs.create(video));
    await expect(jobs.create(video)).rejects.toMatchObject({ code: 'queue_full' });
    expect(jobs.counts).toEqual({ queued: 2, running: 1 });
    for (const entry of entries) await jobs.remove(entry);
    expect(await readdir(directory)).toEqual(['server.json']);
  });

  it('ends what is cancelled, waiting or running, and makes the next', async () => {
    const pool = new ScriptedPool(waits, () => whole());
    const jobs = await start(pool);
    const [runs, waiting, last] = [
      await jobs.create(video),
      await jobs.create(video),
      await jobs.create(video),
    ];
    // Not only said to be made: a job that is cancelled before reaches no worker.
    await waitFor('a run', () => pool.runs.length === 1);
    await jobs.cancel(waiting);
    await jobs.cancel(runs);
    expect(await over(last)).toMatchObject({ status: 'completed' });
    expect([runs.job.status, waiting.job.status]).toEqual(['cancelled', 'cancelled']);
    expect(await readdir(join(directory, runs.job.id))).toEqual(['job.json']);
  });

  it('goes on where an earlier server ended: with what waited and with what ran, as if it had not begun', async () => {
    const first = await start(new ScriptedPool(waits));
    const [runs, waiting] = [
      await first.create(video),
      await first.create({ ...video, request: { ...request, seed: 2 } }),
    ];
    await waitFor('a running job', () => runs.job.status === 'in_progress');
    for (const one of started.splice(0)) await stop(one);
    const pool = new ScriptedPool(() => whole());
    const second = await start(pool);
    for (const { job } of [runs, waiting]) {
      const entry = second.get(job.id) ?? expect.fail(`${job.id} is forgotten`);
      expect(await over(entry)).toMatchObject({ status: 'completed', attempts: 1 });
    }
    expect(pool.runs.map(({ generation }) => generation.seed)).toEqual([1, 2]);
  });

  it('removes a job without a whole record, and touches nothing else', async () => {
    const id = `video_${'0'.repeat(32)}`;
    await mkdir(join(directory, id));
    await writeFile(join(directory, id, 'job.json'), '{"version": 1, "id":');
    await mkdir(join(directory, 'mine'));
    await writeFile(join(directory, 'notes.txt'), 'mine too');
    const jobs = await start(new ScriptedPool(() => whole()));
    expect(jobs.list('video')).toEqual([]);
    expect((await readdir(directory)).sort()).toEqual(['mine', 'notes.txt', 'server.json']);
  });

  it('tells that its files cannot be written', async () => {
    const jobs = await start(new ScriptedPool(() => whole()));
    await rm(directory, { recursive: true });
    await writeFile(directory, 'a file');
    await expect(jobs.create(video)).rejects.toMatchObject({ code: 'store_failed' });
    await rm(directory);
  });
});

async function* waits(_: SegmentRequest, signal: AbortSignal): AsyncGenerator<SegmentEvent, void, undefined> {
  yield { type: 'init', data: new Uint8Array(8), mime: 'video/mp4' };
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}
