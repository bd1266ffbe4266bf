import type { ServeConfig } from '../../core/base/config/serve-schema/serve-config.ts';
import type { RecentPrompts } from '../../core/base/hide-prompts.ts';
import type { Logger } from '../../core/base/log.ts';
import { createGenerator } from '../../core/generators/create-generator.ts';
import { createEncoders } from '../../core/media/create-encoders.ts';
import type { Trouble } from '../../core/mock/trouble.ts';
import { InProcessPool } from '../../core/pool/in-process-pool.ts';
import type { Pool } from '../../core/pool/pool.ts';
import { encoderSettings, encodersOptions } from '../../core/pool/subprocess/encoder-settings.ts';
import { ownWorkerCommand } from '../../core/pool/subprocess/own-worker.ts';
import { SubprocessPool } from '../../core/pool/subprocess/subprocess-pool.ts';
import { defaultWorkerCount, devicesOf } from '../../core/pool/visible-gpus.ts';
import { adaptersAtStart } from '../../core/server/adapters/choose-adapters.ts';
import type { ServerMetrics } from '../../core/server/metrics.ts';
import type { StreamSettings } from '../../core/server/session/stream-settings.ts';
import { encoderMessage } from './encoder-message.ts';

/** Media on its way from a worker to the server, before the worker waits. */
const workerWindowBytes = 1024 * 1024;
/** Pings that a worker may leave unanswered before it is given up. */
const pingsAllowed = 4;

interface PoolParts {
  readonly config: ServeConfig;
  readonly settings: StreamSettings;
  readonly metrics: ServerMetrics;
  readonly logger: Logger;
}

interface WorkerPlan {
  readonly count: number;
  /** What CUDA sees of the GPUs, as `CUDA_VISIBLE_DEVICES` would name them. */
  readonly gpus: readonly string[];
}

/** How many workers `serve` runs. */
export function planWorkers(config: ServeConfig, gpus: readonly string[]): WorkerPlan {
  const count = config.streaming.pool.num_workers ?? defaultWorkerCount(gpus, gpusPerWorker(config));
  return { count, gpus };
}

/** `mock` makes its frames in this process, whatever model the file names. */
export async function buildMockPool(
  { config, logger }: PoolParts,
  capacity: number,
  trouble: Trouble,
): Promise<Pool> {
  const { sleep_ms: sleepMs, audio } = config.mock;
  const encoder = encoderMessage(config);
  const { acquireTimeoutMs, segmentTimeoutMs } = limits(config);
  const pool = new InProcessPool({
    createGenerator: () =>
      trouble.generator(() => createGenerator({ backend: 'mock', mock: { sleepMs, audio } })),
    encoders: await createEncoders({ ...encodersOptions(encoder), logger }),
    encoderSettings: encoderSettings(encoder),
    adapters: adapterOptions(config),
    capacity,
    acquireTimeoutMs,
    jobShare: config.jobs.share,
    get segmentTimeoutMs() {
      return trouble.segmentTimeoutMs(segmentTimeoutMs);
    },
  });
  return trouble.pool(pool, acquireTimeoutMs);
}

/** `serve` makes them in one worker process for each GPU. */
export function buildWorkerPool(
  { config, settings, metrics, logger }: PoolParts,
  plan: WorkerPlan,
  prompts: RecentPrompts,
): Pool {
  const { generator, streaming } = config;
  const { warmup, pool } = streaming;
  const { width, height, fps } = settings.defaultRequest;
  return new SubprocessPool({
    workers: Array.from({ length: plan.count }, (_, index) => ({
      command: ownWorkerCommand,
      start: {
        worker_id: `worker-${index}`,
        gpu_id: index,
        generator,
        default_request: config.default_request,
        conditioning: {
          num_frames: pool.conditioning_num_frames,
          end_offset: pool.conditioning_end_offset,
          enable_audio_reencode: pool.enable_audio_reencode,
        },
        mock: config.mock,
        encoder: encoderMessage(config),
        usual_request: { width, height, fps },
        window_bytes: workerWindowBytes,
      },
      env: { ...process.env, CUDA_VISIBLE_DEVICES: devicesOf(index, plan.gpus, gpusPerWorker(config)) },
      startTimeoutMs: warmup.timeout_seconds * 1000,
      stopRunGraceMs: pool.cancel_grace_seconds * 1000,
      heartbeat: {
        intervalMs: (pool.heartbeat_timeout_seconds * 1000) / pingsAllowed,
        allowed: pingsAllowed,
      },
    })),
    restarts: {
      maxDeaths: pool.park_after_deaths,
      windowMs: pool.park_window_seconds * 1000,
      maxDelayMs: pool.restart_max_delay_seconds * 1000,
    },
    ...limits(config),
    jobShare: config.jobs.share,
    usual: settings.defaultRequest,
    adapters: adapterOptions(config),
    ...(warmup.enabled
      ? {
          warmup: {
            request: { ...settings.defaultRequest, prompt: warmup.prompt },
            timeoutMs: warmup.timeout_seconds * 1000,
          },
        }
      : {}),
    logger,
    prompts,
    onRestart: () => metrics.workerRestarted(),
  });
}

function adapterOptions({ generator: { adapters: declared = [] } }: ServeConfig) {
  return { declared, atStart: adaptersAtStart(declared) };
}

function gpusPerWorker({ generator }: ServeConfig): number {
  return generator.engine?.num_gpus ?? 1;
}

function limits({ streaming }: ServeConfig) {
  return {
    acquireTimeoutMs: streaming.acquire_timeout_seconds * 1000,
    segmentTimeoutMs: streaming.segment_timeout_seconds * 1000,
  };
}
