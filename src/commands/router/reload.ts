import { type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { errorMessage } from '../../core/base/errors.ts';
import type { Logger } from '../../core/base/log.ts';
import type { RouterSettings } from '../../core/router/settings.ts';

/** Settings that a running router cannot change. */
const fixedKeys = ['host', 'port', 'admin_token', 'max_message_bytes', 'store'] as const;

/** Asked rather than watched: a mounted file is often swapped by a link, and a network file tells nothing. */
const pollMs = 1000;

export interface ReloadOptions {
  /** The config file; undefined when there is none. */
  readonly path: string | undefined;
  /** Reads and checks it anew. */
  readonly load: () => Promise<RouterSettings>;
  readonly current: () => RouterSettings;
  /** Takes settings that differ from the current ones. */
  readonly apply: (settings: RouterSettings) => void;
  readonly onResult: (result: 'taken' | 'refused') => void;
  readonly logger: Logger;
}

/** Reads the config again on SIGHUP and when the file changes, until it is disposed of. */
export function reloadOnChange(options: ReloadOptions): Disposable {
  const { path } = options;
  // One after the other: the last one read is the one that holds.
  let last: Promise<void> = Promise.resolve();
  const onSignal = () => {
    last = last.then(() => reload(options));
  };
  const onStat: StatsListener = (now, before) => {
    // No file for a moment: an editor is writing it anew.
    if (now.nlink === 0) return;
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino || now.size !== before.size) onSignal();
  };
  process.on('SIGHUP', onSignal);
  if (path !== undefined) watchFile(path, { interval: pollMs, persistent: false }, onStat);
  return {
    [Symbol.dispose]() {
      process.off('SIGHUP', onSignal);
      if (path !== undefined) unwatchFile(path, onStat);
    },
  };
}

/** A config that is not valid changes nothing. Never rejects. */
async function reload({ load, current, apply, onResult, logger }: ReloadOptions): Promise<void> {
  let read: RouterSettings;
  try {
    read = await load();
  } catch (error) {
    logger.error({ error: errorMessage(error) }, 'config is not valid; the previous one stays in use');
    onResult('refused');
    return;
  }
  const before = current();
  const later = fixedKeys.filter((key) => read[key] !== before[key]);
  if (later.length > 0) logger.warn({ keys: later.map((key) => `router.${key}`) }, 'config needs a restart');
  const fixed = Object.fromEntries(fixedKeys.map((key) => [key, before[key]]));
  const next: RouterSettings = { ...read, ...fixed };
  onResult('taken');
  if (isDeepStrictEqual(next, before)) {
    logger.info({}, 'config read again: no changes');
    return;
  }
  apply(next);
  logger.info({ replicas: next.replicas.map(({ url }) => url) }, 'config read again');
}
