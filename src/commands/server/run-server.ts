import { fileURLToPath } from 'node:url';
import { type LoadedServeConfig, loadServeConfig } from '../../core/base/config/load-serve-config.ts';
import { formatEffectiveConfig } from '../../core/base/config/print-config.ts';
import { sessionLimit } from '../../core/base/config/serve-schema/serve-config.ts';
import { Lifecycle } from '../../core/base/lifecycle.ts';
import { createLogger, type Logger } from '../../core/base/log.ts';
import { stopSignal } from '../../core/base/signals.ts';
import { ServerMetrics } from '../../core/server/metrics.ts';
import { StreamServer } from '../../core/server/stream-server.ts';
import { SessionRegistry } from '../../core/sessions/registry.ts';
import { ResumableSessions } from '../../core/sessions/resume.ts';
import { prepareSessionLogs } from '../../core/sessions/session-log.ts';
import { createMemoryBlobStore, createMemorySessionStore } from '../../core/sessions/stores/memory-stores.ts';
import { version } from '../../version.ts';
import type { CommandContext } from '../command-definition.ts';
import { buildPool } from './build-pool.ts';
import { refuseWhatIsNotBuilt } from './not-built.ts';
import { readServerOptions, type ServerCommand } from './server-command-options.ts';
import { streamSettings, workerCount } from './stream-settings.ts';

const services = { serve: 'ltx2-streaming-backend', mock: 'ltx2-streaming-mock-server' } as const;

/** `serve` and `mock`: one process, wired here and nowhere else. */
export async function runServer(
  command: ServerCommand,
  options: Readonly<Record<string, unknown>>,
  args: readonly string[],
  { exitNow }: CommandContext,
): Promise<number> {
  const { configPath, overrides, printConfig, check, verbose } = readServerOptions(command, options, args);
  const loaded = await loadServeConfig({
    command,
    overrides,
    ...(configPath === undefined ? {} : { configPath }),
  });
  if (printConfig) {
    process.stdout.write(formatEffectiveConfig(loaded));
    return 0;
  }
  if (check) {
    process.stderr.write(`The config is valid (${loaded.source}).\n`);
    return 0;
  }

  refuseWhatIsNotBuilt(loaded.config);
  const logger = createLogger({ level: verbose ? 'debug' : 'info' });
  const stop = stopSignal(exitNow);
  const { lifecycle, server } = await wire(command, loaded, logger);
  try {
    const start = lifecycle.start().then(() => {
      logger.info({ url: server.url }, `${command} is ready at ${server.url}`);
    });
    const exitCode = await Promise.race([stop.received, start.then(() => stop.received)]);
    logger.info({}, 'stopping; running segments end first');
    await lifecycle.drain(loaded.config.server.drain_seconds);
    return exitCode;
  } finally {
    await lifecycle.stop();
    stop.dispose();
  }
}

async function wire(
  command: ServerCommand,
  { config, source }: LoadedServeConfig,
  logger: Logger,
): Promise<{ lifecycle: Lifecycle; server: StreamServer }> {
  const settings = streamSettings(config);
  const metrics = new ServerMetrics();
  const pool = buildPool(command, config, settings, metrics, logger);
  const sessions = new SessionRegistry({
    maxSessions: sessionLimit(config, workerCount(config)),
    sessionTimeoutMs: settings.sessionTimeoutMs,
  });
  const { store_max_bytes: storeBytes, resume_ttl_seconds: resumeTtl } = config.streaming;
  const resumable = new ResumableSessions(
    createMemorySessionStore(storeBytes / 2),
    createMemoryBlobStore(storeBytes / 2),
    resumeTtl * 1000,
  );
  metrics.observe(pool, sessions);
  const openSessionLog = await prepareSessionLogs(config.streaming.session_log_dir, logger);
  const server = new StreamServer({
    host: config.server.host,
    port: config.server.port,
    apiKeys: config.server.api_keys,
    allowedOrigins: config.server.allowed_origins,
    maxMessageBytes: config.server.max_message_bytes,
    maxConnections: config.server.max_connections,
    clientBufferBytes: config.streaming.client_buffer_bytes,
    pingIntervalMs: config.server.ping_interval_seconds * 1000,
    service: services[command],
    version,
    playgroundDirectory: fileURLToPath(new URL('../../playground/', import.meta.url)),
    stream: { settings, pool, sessions, resumable, metrics, openSessionLog, logger },
  });
  const announce = {
    name: 'announce',
    start: async () => {
      logger.info({ url: server.url, config: source }, `${command} listens on ${server.url}`);
    },
  };
  const poolPart = { name: 'pool', start: () => pool.start(), stop: () => pool.close() };
  return { lifecycle: new Lifecycle([resumable, sessions, server, announce, poolPart], logger), server };
}
