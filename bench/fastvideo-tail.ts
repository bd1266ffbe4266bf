import { join } from 'node:path';
import { pino } from 'pino';
import type { GenerationRequest } from '../src/core/generators/generator.ts';
import { timelineStart } from '../src/core/media/timeline.ts';
import { SubprocessPool } from '../src/core/pool/subprocess/subprocess-pool.ts';
import { standIn } from '../test/contract/python-servers.ts';
import { hangLimitMs } from '../test/support/hang-limit.ts';
import { BenchError } from './support/bench-error.ts';
import { treeCpuMs } from './support/process-cost.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const sizes = [
  { width: 832, height: 480, numFrames: 49 },
  { width: 1920, height: 1088, numFrames: 121 },
];
const rounds = 5;

interface Tail {
  /** Milliseconds from the request. */
  readonly firstMedia: number;
  readonly done: number;
  readonly cpu: number;
}

/**
 * What comes behind the model, with the workers of several built checkouts, `WORKERS=name=folder,name=folder`, in turn in one run.
 * FastVideo's package is the stand-in of the tests, whose model takes no time and has its pictures ready: from the request to
 * the end is all our part. What FastVideo and a GPU do behind the last step is not in it, but for the copy of the frames that
 * FastVideo makes where it is asked for them.
 */
export async function benchFastVideoTail(): Promise<void> {
  const builds = (process.env.WORKERS ?? '').split(',').map((entry) => entry.split('='));
  if (builds.some(([name, folder]) => !name || !folder)) {
    throw new BenchError('WORKERS names the built checkouts to compare, e.g. WORKERS=before=/a,after=/b.');
  }
  for (const size of sizes) {
    const request: GenerationRequest = {
      ...{ prompt: 'ready', seed: 1, fps: 24, numInferenceSteps: 2, guidanceScale: 1 },
      ...size,
    };
    const pools = builds.map(([name = '', folder = '']) => ({ name, pool: poolOf(folder, request) }));
    const tails = pools.map((): Tail[] => []);
    try {
      for (const { pool } of pools) await pool.start();
      for (let round = -1; round < rounds; round += 1) {
        for (const [index, { pool }] of pools.entries()) {
          const tail = await tailOf(pool, request);
          // The first round draws the pictures.
          if (round >= 0) tails[index]?.push(tail);
        }
      }
    } finally {
      await Promise.all(pools.map(({ pool }) => pool.close()));
    }
    const { width, height, numFrames } = size;
    printTable(
      `Behind the model, ${width}x${height}, ${numFrames} frames, medians of ${rounds}`,
      ['worker', 'first media ms', 'done ms', 'CPU ms'],
      pools.map(({ name }, index) => {
        const of = (key: keyof Tail) => median((tails[index] ?? []).map((tail) => tail[key]));
        return [name, of('firstMedia'), of('done'), of('cpu')];
      }),
    );
  }
}

async function tailOf(pool: SubprocessPool, generation: GenerationRequest): Promise<Tail> {
  const session = 'bench';
  const abort = new AbortController().signal;
  await pool.acquire(session, { signal: abort, onPosition: () => {} });
  const pid = pool.status().workers[0]?.pid ?? 0;
  const [startedAt, cpuBefore] = [performance.now(), treeCpuMs(pid)];
  const run = await pool.run(
    session,
    { generation, timeline: timelineStart },
    { cancel: abort, abandon: abort },
  );
  let firstMedia = Number.NaN;
  for await (const event of run.events) {
    if (event.type === 'media' && Number.isNaN(firstMedia)) firstMedia = performance.now() - startedAt;
  }
  const done = performance.now() - startedAt;
  pool.release(session);
  return { firstMedia, done, cpu: treeCpuMs(pid) - cpuBefore };
}

function poolOf(folder: string, usual: GenerationRequest): SubprocessPool {
  return new SubprocessPool({
    workers: [
      {
        start: {
          ...{ worker_id: 'worker-0', gpu_id: 0, default_request: {}, usual_request: usual },
          generator: { model_path: 'FastVideo/LTX2-Distilled-Diffusers' },
          conditioning: { num_frames: 9, end_offset: 0, enable_audio_reencode: true },
          mock: { sleep_ms: 0, audio: true },
          encoder: {
            preset: 'ultrafast',
            pixel_format: 'yuv420p',
            fragment_duration_ms: 100,
            extra_args: [],
          },
          window_bytes: 2 ** 20,
        },
        command: [process.execPath, join(folder, 'dist/worker-main.js')],
        env: { ...process.env, ...standIn },
        startTimeoutMs: hangLimitMs,
        stopRunGraceMs: hangLimitMs,
        heartbeat: { intervalMs: hangLimitMs, allowed: 6 },
      },
    ],
    acquireTimeoutMs: hangLimitMs,
    segmentTimeoutMs: hangLimitMs,
    restarts: { maxDeaths: 1, windowMs: 60_000, maxDelayMs: 1000 },
    logger: pino({ level: 'silent' }),
  });
}
