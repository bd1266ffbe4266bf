import { join } from 'node:path';
import { pino } from 'pino';
import {
  SubprocessPool,
  type SubprocessPoolOptions,
} from '../../src/core/pool/subprocess/subprocess-pool.ts';
import { hangLimitMs } from '../support/hang-limit.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { request } from './pool-contract.ts';

export const workerMain = join(repositoryRoot, 'dist/worker-main.js');

export interface PoolSetup
  extends Partial<
    Pick<
      SubprocessPoolOptions,
      'warmup' | 'usual' | 'segmentTimeoutMs' | 'acquireTimeoutMs' | 'onRestart' | 'restarts'
    >
  > {
  readonly modelPath?: string;
  readonly backend?: string;
  readonly command?: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
  readonly workers?: number;
  readonly startTimeoutMs?: number;
  readonly stopRunGraceMs?: number;
  readonly heartbeat?: { readonly intervalMs: number; readonly allowed: number };
  readonly sleepMs?: number;
  readonly extraArgs?: string[];
  readonly encoder?: 'auto' | 'libav' | 'ffmpeg';
}

/** A pool over the built worker. No time of it runs out, unless a test says so. */
export function poolWith({
  modelPath = 'builtin:cppn',
  backend,
  command = [process.execPath, workerMain],
  env = process.env,
  workers = 1,
  startTimeoutMs = hangLimitMs,
  stopRunGraceMs = hangLimitMs,
  heartbeat = { intervalMs: hangLimitMs, allowed: 6 },
  sleepMs = 0,
  extraArgs = [],
  encoder = 'auto',
  ...options
}: PoolSetup = {}): SubprocessPool {
  return new SubprocessPool({
    workers: Array.from({ length: workers }, (_, index) => ({
      start: {
        worker_id: `worker-${index}`,
        gpu_id: index,
        generator: { model_path: modelPath, ...(backend === undefined ? {} : { backend }) },
        default_request: {},
        conditioning: { num_frames: 9, end_offset: 0, enable_audio_reencode: true },
        mock: { sleep_ms: sleepMs, audio: true },
        encoder: {
          backend: encoder,
          preset: 'ultrafast',
          pixel_format: 'yuv420p',
          fragment_duration_ms: 100,
          extra_args: extraArgs,
        },
        usual_request: { width: request.width, height: request.height, fps: request.fps },
        window_bytes: 4096,
      },
      command,
      env,
      startTimeoutMs,
      stopRunGraceMs,
      heartbeat,
    })),
    acquireTimeoutMs: hangLimitMs,
    segmentTimeoutMs: hangLimitMs,
    restarts: { maxDeaths: 10, windowMs: 60_000, maxDelayMs: 30_000 },
    logger: pino({ level: 'silent' }),
    ...options,
  });
}

export function workerOf(pool: SubprocessPool, index = 0) {
  const status = pool.status().workers[index];
  if (!status) throw new Error(`there is no worker ${index}`);
  return status;
}

export function pidOf(pool: SubprocessPool, index = 0): number {
  const { pid } = workerOf(pool, index);
  if (pid === null) throw new Error('the worker has no process');
  return pid;
}
