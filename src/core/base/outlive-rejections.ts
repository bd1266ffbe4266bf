import { errorMessage } from './errors.ts';
import type { Logger } from './log.ts';

/**
 * From now on a promise that fails with nobody to hear of it, which is a bug of ours in what one session needs, is logged
 * and does not end the process, which serves other sessions. The function returned takes that back.
 */
export function outliveRejections(logger: Logger): () => void {
  const onRejection = (reason: unknown) => {
    const stack = reason instanceof Error ? reason.stack : undefined;
    logger.error({ error: errorMessage(reason), stack }, 'unhandled failure: this is a bug of ours');
  };
  process.on('unhandledRejection', onRejection);
  return () => void process.off('unhandledRejection', onRejection);
}
