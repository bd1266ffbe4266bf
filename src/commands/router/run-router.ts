import { resolve } from 'node:path';
import { deferred } from '../../core/base/async/deferred.ts';
import { loadRouterConfig } from '../../core/base/config/load-router-config.ts';
import { formatEffectiveConfig } from '../../core/base/config/print-config.ts';
import { Lifecycle } from '../../core/base/lifecycle.ts';
import { createLogger } from '../../core/base/log.ts';
import { stopSignal } from '../../core/base/signals.ts';
import { parseStoreUrl } from '../../core/base/store/store-url.ts';
import { unownedFailures } from '../../core/base/unowned-failures.ts';
import { openAffinity } from '../../core/router/affinity/open-affinity.ts';
import { SessionAffinity } from '../../core/router/affinity/session-affinity.ts';
import { RouterMetrics } from '../../core/router/metrics.ts';
import { ReplicaRegistry } from '../../core/router/replicas/registry.ts';
import { RouterServer } from '../../core/router/router-server.ts';
import type { CommandHandler } from '../command-definition.ts';
import { announce } from './announce.ts';
import { reloadOnChange } from './reload.ts';
import { readRouterOptions } from './router-command-options.ts';

/** `router`: one process, wired here and nowhere else. */
export const runRouter: CommandHandler['run'] = async (options, args, { exitNow }) => {
  const { configPath, overrides, printConfig, check, verbose } = readRouterOptions(options, args);
  const load = () => loadRouterConfig({ overrides, ...(configPath === undefined ? {} : { configPath }) });
  const loaded = await load();
  // What no schema can check, such as the parts of a URL.
  parseStoreUrl(loaded.config.router.store);
  if (printConfig) {
    process.stdout.write(formatEffectiveConfig(loaded));
    return 0;
  }
  if (check) {
    process.stderr.write(`The config is valid (${loaded.source}).\n`);
    return 0;
  }

  const logger = createLogger({ level: verbose ? 'debug' : 'info' });
  let current = loaded.config.router;
  const settings = () => current;
  const metrics = new RouterMetrics();
  const registry = new ReplicaRegistry({
    settings,
    logger,
    onProbe: (replica, outcome) => metrics.probed(replica.name, outcome),
  });
  const drainRequest = deferred<number>();
  const affinityStore = await openAffinity(settings().store, logger);
  const server = new RouterServer({
    settings,
    registry,
    affinity: new SessionAffinity(affinityStore),
    metrics,
    logger,
    onDrainRequest: () => drainRequest.resolve(0),
  });
  const affinityPart = { name: 'affinity', stop: () => affinityStore.close() };
  const lifecycle = new Lifecycle([affinityPart, registry, server], logger);
  const stop = stopSignal(exitNow);
  const failures = unownedFailures(logger);
  const reloading = reloadOnChange({
    path: configPath === undefined ? undefined : resolve(configPath),
    load: async () => (await load()).config.router,
    current: settings,
    apply: (next) => {
      current = next;
      registry.reload();
    },
    onResult: (result) => metrics.reloaded(result),
    logger,
  });
  const start = lifecycle.start().then(() => {
    announce(logger, { url: server.url, host: settings().host, config: loaded.source });
  });
  try {
    const stopped = Promise.race([stop.received, drainRequest.promise, failures.happened]);
    const exitCode = await Promise.race([stopped, start.then(() => stopped)]);
    logger.info({}, 'draining; running sessions may continue for a while');
    await lifecycle.drain(settings().drain_seconds);
    return failures.exitCode(exitCode);
  } finally {
    reloading[Symbol.dispose]();
    await lifecycle.stop();
    // Stopped in the middle of its start; a failure of that is thrown above.
    await start.catch(() => undefined);
    stop.dispose();
    failures[Symbol.dispose]();
  }
};
