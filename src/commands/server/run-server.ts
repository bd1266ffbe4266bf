import { deferred } from '../../core/base/async/deferred.ts';
import { loadServeConfig } from '../../core/base/config/load-serve-config.ts';
import { formatEffectiveConfig } from '../../core/base/config/print-config.ts';
import { errorMessage } from '../../core/base/errors.ts';
import { RecentPrompts } from '../../core/base/hide-prompts.ts';
import { createLogger } from '../../core/base/log.ts';
import { stopSignal } from '../../core/base/signals.ts';
import { unownedFailures } from '../../core/base/unowned-failures.ts';
import { parseStoreUrl } from '../../core/sessions/stores/open-stores.ts';
import type { CommandContext } from '../command-definition.ts';
import { openRecordings } from './open-recordings.ts';
import { checkDashboardTerminal, showDashboard } from './own-dashboard.ts';
import { readServerOptions, type ServerCommand } from './server-command-options.ts';
import { wireServer } from './wire-server.ts';

/** What a worker writes about a prompt comes within its segment, or soon behind. */
const rememberedPrompts = 64;
/** As shells tell a process that SIGHUP has ended. */
const hungUp = 129;

/** `serve` and `mock`: one process, wired here and nowhere else. */
export async function runServer(
  command: ServerCommand,
  options: Readonly<Record<string, unknown>>,
  args: readonly string[],
  { exitNow }: CommandContext,
): Promise<number> {
  const { configPath, overrides, printConfig, check, open, dashboard, verbose, recording } =
    readServerOptions(command, options, args);
  const loaded = await loadServeConfig({
    command,
    overrides,
    ...(configPath === undefined ? {} : { configPath }),
  });
  // What no schema can check, such as the parts of a URL.
  const storeLocation = parseStoreUrl(loaded.config.streaming.store);
  // Not loaded by who makes no trouble.
  const trouble =
    command === 'mock' ? await (await import('./mock-trouble.ts')).mockTrouble(loaded.config) : undefined;
  if (printConfig) {
    const { describeEncoder } = await import('./describe-encoder.ts');
    const encoder = await describeEncoder(loaded.config).catch((error) => `none. ${errorMessage(error)}`);
    process.stdout.write(formatEffectiveConfig(loaded, [`encoder: ${encoder}`]));
    return 0;
  }
  if (check) {
    const { checkStart } = await import('./check-start.ts');
    const logger = createLogger({ level: 'silent' });
    await checkStart({ command, config: loaded.config, storeLocation, recording, logger });
    process.stderr.write(`The config is valid (${loaded.source}).\n`);
    return 0;
  }

  if (dashboard) checkDashboardTerminal(process.stdout);
  // The dashboard has the terminal to itself.
  const quiet = dashboard && process.stderr.isTTY;
  const prompts = new RecentPrompts(rememberedPrompts);
  const logger = createLogger({
    level: quiet ? 'silent' : verbose ? 'debug' : 'info',
    showPrompts: loaded.config.streaming.log_prompts,
    prompts,
  });
  for (const side of ['width', 'height'] as const) {
    const given = loaded.replaced.get(`default_request.sampling.${side}`);
    const pixels = loaded.config.default_request.sampling[side];
    if (given !== undefined)
      logger.warn({ pixels, given }, `the ${side} of the video is rounded up from ${given}`);
  }
  const recordings = await openRecordings(recording, logger);
  const stop = stopSignal(exitNow);
  const drainRequest = deferred<number>();
  const { lifecycle, server, pool, reload } = await wireServer({
    command,
    loaded,
    storeLocation,
    trouble,
    recordings,
    logger,
    prompts,
    onListen: async (url) => {
      if (open) await (await import('./open-browser.ts')).openBrowser(url, logger);
    },
    onDrainRequest: () => drainRequest.resolve(0),
  });
  const onHangUp = () => {
    reload().then(
      () => logger.info({}, 'system prompts reloaded'),
      (error: unknown) => logger.error({ error: errorMessage(error) }, 'system prompts not reloaded'),
    );
  };
  // At a terminal it means that the terminal has gone; the default would leave temporary files behind.
  const hangUp = process.stderr.isTTY ? () => exitNow(hungUp) : onHangUp;
  process.on('SIGHUP', hangUp);
  const failures = unownedFailures(logger);
  const picture = new AbortController();
  const shown = dashboard
    ? showDashboard(server, { signal: picture.signal, drain: () => drainRequest.resolve(0) })
    : new Promise<never>(() => {});
  try {
    const start = lifecycle.start().then(() => {
      const encoder = pool.status().workers.find((worker) => worker.encoder !== null)?.encoder;
      logger.info(
        { url: server.url, encoder },
        `${command} is ready at ${server.url}: live at /v1/stream and /ws, jobs at /v1/videos`,
      );
    });
    const stopped = Promise.race([stop.received, drainRequest.promise, shown, failures.happened]);
    const exitCode = await Promise.race([stopped, start.then(() => stopped)]);
    logger.info({}, 'stopping after the running segments');
    await lifecycle.drain(loaded.config.server.drain_seconds);
    return failures.exitCode(exitCode);
  } finally {
    picture.abort();
    if (dashboard) await shown;
    await lifecycle.stop();
    process.off('SIGHUP', hangUp);
    stop.dispose();
    failures[Symbol.dispose]();
  }
}
