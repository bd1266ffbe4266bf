import { errorMessage } from './errors.ts';
import type { Logger } from './log.ts';

export interface UnownedFailures extends Disposable {
  /** Resolves with the exit code of a process that has failed, at the first failure. */
  readonly happened: Promise<number>;
  /** The exit code of a command that would end with `code`. */
  exitCode(code: number): number;
}

/**
 * Watches for exceptions and rejections that no part of the process owns. Each is a bug of ours and nobody can say what
 * state it has left behind: it is logged, and the process is to end its running work and exit. Disposed of, they end the
 * process at once again.
 */
export function unownedFailures(logger: Logger): UnownedFailures {
  let failed = false;
  let resolve: (code: number) => void = () => {};
  const happened = new Promise<number>((done) => {
    resolve = done;
  });
  const onFailure = (reason: unknown) => {
    failed = true;
    const stack = reason instanceof Error ? reason.stack : undefined;
    logger.error(
      { error: errorMessage(reason), stack },
      'unexpected failure, the process will end: this is a bug of ours',
    );
    resolve(1);
  };
  const events = ['unhandledRejection', 'uncaughtException'] as const;
  for (const event of events) process.on(event, onFailure);
  return {
    happened,
    exitCode: (code) => (failed ? 1 : code),
    [Symbol.dispose]() {
      for (const event of events) process.off(event, onFailure);
    },
  };
}
