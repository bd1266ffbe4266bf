import { resolve } from 'node:path';
import type { LoadedServeConfig } from '../../core/base/config/load-serve-config.ts';
import { sessionLimit } from '../../core/base/config/serve-schema/serve-config.ts';
import type { RecentPrompts } from '../../core/base/hide-prompts.ts';
import { normalHost, normalOrigin } from '../../core/base/http/origin.ts';
import { Lifecycle } from '../../core/base/lifecycle.ts';
import type { Logger } from '../../core/base/log.ts';
import { buildOwning, type Own } from '../../core/base/owned.ts';
import { packagePath } from '../../core/base/package-path.ts';
import { ScratchFolder } from '../../core/base/scratch/scratch-folder.ts';
import { checkModel } from '../../core/generators/check-model.ts';
import type { Trouble } from '../../core/mock/trouble.ts';
import type { Pool } from '../../core/pool/pool.ts';
import { visibleGpus } from '../../core/pool/visible-gpus.ts';
import { isLoopback } from '../../core/server/access.ts';
import { type Limit, ServerMetrics } from '../../core/server/metrics.ts';
import { StreamServer } from '../../core/server/stream-server.ts';
import { Uploads } from '../../core/server/uploads/uploads.ts';
import { SessionRegistry } from '../../core/sessions/registry.ts';
import { ResumableSessions } from '../../core/sessions/resume.ts';
import { prepareSessionLogs } from '../../core/sessions/session-log.ts';
import { openStores, type StoreLocation } from '../../core/sessions/stores/open-stores.ts';
import { version } from '../../version.ts';
import { buildJobs } from './build-jobs.ts';
import { buildMockPool, buildWorkerPool, planWorkers } from './build-pool.ts';
import { buildPresets } from './build-presets.ts';
import { buildPromptParts } from './build-prompt-parts.ts';
import { describeEncoder } from './describe-encoder.ts';
import type { Recordings } from './open-recordings.ts';
import type { ServerCommand } from './server-command-options.ts';
import { streamSettings } from './stream-settings.ts';

const services = { serve: 'ltx2-streaming-backend', mock: 'ltx2-streaming-mock-server' } as const;

interface WiringOptions {
  readonly command: ServerCommand;
  readonly loaded: LoadedServeConfig;
  readonly storeLocation: StoreLocation;
  /** What `mock` makes of its parts; undefined for `serve`. */
  readonly trouble: Trouble | undefined;
  readonly recordings: Recordings;
  readonly logger: Logger;
  /** Is told of the prompts that workers get. */
  readonly prompts: RecentPrompts;
  /** Called with the server's address as soon as it listens. */
  readonly onListen: (url: string) => Promise<void>;
  /** Called for `POST /admin/drain`. */
  readonly onDrainRequest: () => void;
}

export interface WiredServer {
  readonly lifecycle: Lifecycle;
  readonly server: StreamServer;
  readonly pool: Pool;
  /** Reads again what may change while it runs. */
  reload(): Promise<void>;
}

/** The parts of `serve` and `mock`, built and joined; nothing listens yet. Throws `start_failed`, and leaves nothing open. */
export async function wireServer(options: WiringOptions): Promise<WiredServer> {
  return await buildOwning(options.logger, (own) => build(options, own));
}

async function build(
  {
    command,
    loaded: { config, source },
    storeLocation,
    trouble,
    recordings,
    logger,
    prompts: recentPrompts,
    onListen,
    onDrainRequest,
  }: WiringOptions,
  own: Own,
): Promise<WiredServer> {
  // What cannot be served is told before any process is started.
  if (command === 'serve') await checkModel(config.generator, process.env);
  const configured = streamSettings(config);
  const settings = trouble?.settings(configured) ?? configured;
  const metrics = new ServerMetrics((text) => recentPrompts.hide(text));
  const plan = planWorkers(config, command === 'serve' ? await visibleGpus(process.env) : []);
  const maxSessions = sessionLimit(config, plan.count);
  const parts = { config, settings, metrics, logger };
  const pool = own(
    trouble ? await buildMockPool(parts, maxSessions, trouble) : buildWorkerPool(parts, plan, recentPrompts),
    (opened) => opened.close(),
  );
  const limits = { maxSessions, sessionTimeoutMs: configured.sessionTimeoutMs };
  const sessions = new SessionRegistry(trouble?.limits(limits) ?? limits);
  const { store_max_bytes: maxBytes, resume_ttl_seconds: ttlSeconds } = config.streaming;
  const stores = own(await openStores(storeLocation, { maxBytes, logger }), async ({ sessions, blobs }) => {
    await sessions.close();
    await blobs.close();
  });
  const resumable = new ResumableSessions({ ...stores, ttlMs: ttlSeconds * 1000, logger });
  const { gate, prompts } = await buildPromptParts(config, metrics, logger, trouble, own);
  const { enhancer } = prompts;
  const rewriteDefaults = {};
  metrics.observe(pool, sessions, resumable);
  const openSessionLog = await prepareSessionLogs({
    directory: config.streaming.session_log_dir,
    prompts: config.streaming.session_log_prompts,
    logger,
  });
  const scratch = new ScratchFolder(logger);
  const { server: serverConfig } = config;
  const presets = await buildPresets(config, () => metrics.limitReached('presets_bytes'));
  const images = {
    scratch,
    maxBytes: config.streaming.max_image_bytes,
    maxPixels: serverConfig.limits.image_pixels,
    onLimit: (limit: Limit) => metrics.limitReached(limit),
  };
  const { max_files: maxFiles, max_bytes: maxUploaded, ttl_seconds: ttl } = config.streaming.uploads;
  const uploadLimits = { maxFiles, maxBytes: maxUploaded, ttlMs: ttl * 1000 };
  const uploads = new Uploads(uploadLimits, images, logger);
  const jobRoutes = buildJobs({
    command,
    config,
    pool,
    workers: plan.count,
    metrics,
    stream: { settings, gate, images, uploads, ...(enhancer ? { enhancer } : {}) },
    logger,
  });
  const server = new StreamServer({
    host: serverConfig.host,
    port: serverConfig.port,
    apiKeys: serverConfig.api_keys,
    allowedOrigins: serverConfig.allowed_origins.map((origin) => normalOrigin(origin) ?? origin),
    allowedHosts: serverConfig.allowed_hosts.map(normalHost),
    maxMessageBytes: serverConfig.max_message_bytes,
    maxConnections: serverConfig.max_connections,
    httpLimits: serverConfig.limits,
    ...(serverConfig.admin_token === undefined ? {} : { adminToken: serverConfig.admin_token }),
    onDrainRequest,
    messageRate: config.server,
    clientBufferBytes: config.streaming.client_buffer_bytes,
    pingIntervalMs: serverConfig.ping_interval_seconds * 1000,
    service: services[command],
    version,
    playgroundDirectory: packagePath('dist/playground'),
    ...(serverConfig.static_dir === undefined ? {} : { staticDirectory: resolve(serverConfig.static_dir) }),
    presets,
    promptProviderSuccesses: () =>
      Object.fromEntries((enhancer?.stats() ?? []).map(({ provider, successes }) => [provider, successes])),
    promptConfig: {
      prompts: prompts.systemPrompts,
      rewriteDefaults,
      models: [config.streaming.prompt, ...config.streaming.prompt.fallbacks].map(
        ({ model = config.streaming.prompt.model }) => model,
      ),
      temperature: config.streaming.prompt.temperature,
    },
    stream: {
      ...{ settings, pool, sessions, resumable, metrics, gate, openSessionLog, logger },
      images,
      uploads,
      ...(enhancer ? { enhancer } : {}),
      rewriteDefaults,
    },
    jobs: jobRoutes,
    ...recordings.server,
    ...(trouble ? { moreRoutes: await trouble.routes(logger) } : {}),
    // A recording holds what the client got, trouble included.
    taps: [...(trouble ? [trouble.tap] : []), ...(recordings.server.taps ?? [])],
  });
  const announce = {
    name: 'announce',
    start: async () => {
      logger.info({ url: server.url, config: source }, `${command} listens on ${server.url}`);
      if (!isLoopback(serverConfig.host) && serverConfig.api_keys.length === 0) {
        logger.warn(
          { host: serverConfig.host },
          'anyone who can reach this address can use the server: set server.api_keys, or server.host to 127.0.0.1',
        );
      }
      await onListen(server.url);
    },
  };
  const promptsPart = {
    name: 'prompts',
    stop: async () => {
      await enhancer?.close();
      await gate.close();
    },
  };
  const startPool = async () => {
    try {
      await pool.start();
    } catch (error) {
      // Where what encodes is at fault, which a worker cannot tell from other reasons, its key is named.
      if (command === 'serve') await describeEncoder(config);
      throw error;
    }
  };
  const { jobs } = jobRoutes;
  const poolPart = { name: 'pool', start: startPool, stop: () => pool.close() };
  return {
    lifecycle: new Lifecycle(
      [
        scratch,
        ...recordings.parts,
        resumable,
        promptsPart,
        jobs,
        sessions,
        server,
        announce,
        poolPart,
        jobs.making,
      ],
      logger,
    ),
    server,
    pool,
    reload: async () => {
      await prompts.systemPrompts.reload();
    },
  };
}
