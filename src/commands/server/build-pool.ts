import { type ServeConfig, sessionLimit } from '../../core/base/config/serve-schema/serve-config.ts';
import type { Logger } from '../../core/base/log.ts';
import { createGenerator } from '../../core/generators/create-generator.ts';
import { createFfmpegEncoder } from '../../core/media/ffmpeg/ffmpeg-encoder.ts';
import { InProcessPool } from '../../core/pool/in-process-pool.ts';
import type { Pool } from '../../core/pool/pool.ts';
import { encoderSettings } from '../../core/pool/subprocess/encoder-settings.ts';
import { SubprocessPool } from '../../core/pool/subprocess/subprocess-pool.ts';
import type { EncoderSettings } from '../../core/protocol/worker/messages.ts';
import type { ServerMetrics } from '../../core/server/metrics.ts';
import type { StreamSettings } from '../../core/server/native/stream-settings.ts';
import type { ServerCommand } from './server-command-options.ts';
import { workerCount } from './stream-settings.ts';

/** Media on its way from a worker to the server, before the worker waits. */
const workerWindowBytes = 1024 * 1024;
const abandonGraceMs = 5000;

/** `mock` makes its frames in this process, `serve` in one worker process for each GPU. */
export function buildPool(
  command: ServerCommand,
  config: ServeConfig,
  settings: StreamSettings,
  metrics: ServerMetrics,
  logger: Logger,
): Pool {
  const { streaming, generator } = config;
  const encoder = encoderMessage(config);
  const limits = {
    acquireTimeoutMs: streaming.acquire_timeout_seconds * 1000,
    segmentTimeoutMs: streaming.segment_timeout_seconds * 1000,
  };
  const backend = generator.backend === undefined ? {} : { backend: generator.backend };
  if (command === 'mock') {
    const { sleep_ms: sleepMs, audio } = config.mock;
    const ffmpegPath = encoder.ffmpeg_path;
    return new InProcessPool({
      createGenerator: () =>
        createGenerator({ modelPath: generator.model_path, ...backend, mock: { sleepMs, audio } }),
      encoder: createFfmpegEncoder(ffmpegPath === undefined ? {} : { ffmpegPath }),
      encoderSettings: encoderSettings(encoder),
      capacity: sessionLimit(config, 1),
      ...limits,
    });
  }
  const { warmup } = streaming;
  const { width, height, fps } = settings.defaultRequest;
  return new SubprocessPool({
    workers: Array.from({ length: workerCount(config) }, (_, index) => ({
      start: {
        worker_id: `worker-${index}`,
        gpu_id: index,
        generator: { model_path: generator.model_path, ...backend, mock: config.mock },
        encoder,
        usual_request: { width, height, fps },
        window_bytes: workerWindowBytes,
      },
      env: { ...process.env, CUDA_VISIBLE_DEVICES: String(index) },
      startTimeoutMs: warmup.timeout_seconds * 1000,
      abandonGraceMs,
    })),
    ...limits,
    ...(warmup.enabled
      ? {
          warmup: {
            request: { ...settings.defaultRequest, prompt: warmup.prompt },
            timeoutMs: warmup.timeout_seconds * 1000,
          },
        }
      : {}),
    logger,
    onRestart: () => metrics.workerRestarted(),
  });
}

function encoderMessage(config: ServeConfig): EncoderSettings {
  const { encoder } = config.streaming;
  return {
    preset: encoder.preset,
    pixel_format: encoder.pixel_format,
    fragment_duration_ms: encoder.fragment_duration_ms,
    extra_args: [...encoder.extra_args],
    ...(encoder.profile === undefined ? {} : { profile: encoder.profile }),
    ...(encoder.gop === undefined ? {} : { gop: encoder.gop }),
    ...(encoder.ffmpeg_path === undefined ? {} : { ffmpeg_path: encoder.ffmpeg_path }),
  };
}
