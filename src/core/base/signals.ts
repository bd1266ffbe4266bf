import { deferred } from './async/deferred.ts';
import { errorTable } from './error-table.ts';

/** How a command ends the process at once; given by `bin/`, the only place that may. */
export type ExitNow = (code: number) => never;

/**
 * Resolves with the exit code that belongs to the first SIGINT or SIGTERM: 0 for SIGTERM (an orderly stop), 130 for
 * SIGINT. A second signal, whichever it is, ends the process at once. `dispose` takes the handlers off again.
 */
export function stopSignal(exitNow: ExitNow): { readonly received: Promise<number>; dispose(): void } {
  const interrupted = errorTable.interrupted.exitCode;
  let count = 0;
  const { promise: received, resolve } = deferred<number>();
  const onSignal = (signal: NodeJS.Signals) => {
    count += 1;
    if (count > 1) exitNow(interrupted);
    resolve(signal === 'SIGTERM' ? 0 : interrupted);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    received,
    dispose() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
