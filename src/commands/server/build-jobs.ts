import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ServeConfig } from '../../core/base/config/serve-schema/serve-config.ts';
import { FastVideoError } from '../../core/base/errors.ts';
import type { Logger } from '../../core/base/log.ts';
import { folderPrefix } from '../../core/base/scratch/left-folders.ts';
import { ownMark } from '../../core/base/scratch/process-mark.ts';
import { JobFolder } from '../../core/jobs/job-folder.ts';
import { Jobs } from '../../core/jobs/jobs.ts';
import { createStills } from '../../core/media/ffmpeg/stills.ts';
import type { Pool } from '../../core/pool/pool.ts';
import { pictureFetcher } from '../../core/server/jobs/fetch-picture.ts';
import type { JobRouteParts } from '../../core/server/jobs/job-parts.ts';
import type { ServerMetrics } from '../../core/server/metrics.ts';
import type { StreamParts } from '../../core/server/session/stream-settings.ts';
import { parseStoreUrl } from '../../core/sessions/stores/open-stores.ts';
import type { ServerCommand } from './server-command-options.ts';

export interface JobParts {
  readonly command: ServerCommand;
  readonly config: ServeConfig;
  readonly pool: Pool;
  /** How many the pool runs. */
  readonly workers: number;
  readonly metrics: ServerMetrics;
  readonly stream: Pick<StreamParts, 'settings' | 'gate' | 'enhancer' | 'images' | 'uploads'>;
  readonly logger: Logger;
}

/** What `mock` makes is not what `serve` makes: neither takes over the jobs of the other. */
const folders = { serve: 'jobs', mock: 'mock-jobs' } as const;

/** Where jobs are kept. Throws `config_invalid`. */
export function jobPlace(
  command: ServerCommand,
  { jobs: { queue }, server }: Pick<ServeConfig, 'jobs' | 'server'>,
): { readonly directory: string; readonly temporary: boolean } {
  if (queue === undefined) {
    return { directory: resolve(server.output_dir, folders[command]), temporary: false };
  }
  const place = /^(memory|file):/.test(queue) ? parseStoreUrl(queue) : undefined;
  if (place?.kind === 'file') return { directory: place.directory, temporary: false };
  if (place?.kind === 'memory') {
    const name = `${folderPrefix(ownMark())}${randomBytes(3).toString('hex')}`;
    return { directory: join(tmpdir(), name), temporary: true };
  }
  const [kind] = queue.split(':', 1);
  throw new FastVideoError('config_invalid', `jobs.queue must be memory: or file:DIR, not "${kind}:…".`);
}

export function buildJobs({
  command,
  config,
  pool,
  workers,
  metrics,
  stream,
  logger,
}: JobParts): JobRouteParts {
  const { jobs: keys, generator, streaming } = config;
  const { directory, temporary } = jobPlace(command, config);
  const folder = new JobFolder(directory, { records: !temporary, logger });
  const stills = createStills(streaming.encoder.ffmpeg_path);
  const ttlMs = keys.ttl_seconds * 1000;
  const jobs = new Jobs({
    pool,
    folder,
    temporary,
    stills,
    limits: {
      maxRunning: keys.max_running ?? workers,
      maxQueued: keys.max_queued,
      maxKept: keys.max_kept,
      maxBytes: keys.max_bytes,
      ttlMs,
    },
    logger,
    onEnd: ({ status }) => metrics.jobEnded(status),
  });
  metrics.observeJobs(jobs);
  const { settings, gate, enhancer, images, uploads } = stream;
  const { maxBytes, maxPixels, onLimit } = images;
  return {
    jobs,
    folder,
    stills,
    settings: {
      defaultRequest: settings.defaultRequest,
      maxPromptChars: settings.maxPromptChars,
      maxPixels: keys.max_pixels,
      maxFrames: keys.max_frames,
      maxSteps: keys.max_steps,
    },
    ttlMs,
    pool,
    modelId: generator.model_path,
    gate,
    ...(enhancer ? { enhancer } : {}),
    references: {
      maxBytes,
      maxPixels,
      onLimit,
      uploads,
      fetchPicture: pictureFetcher({ hosts: keys.reference_hosts, maxBytes }),
    },
    logger,
  };
}
