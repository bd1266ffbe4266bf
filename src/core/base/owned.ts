import { errorMessage } from './errors.ts';
import type { Logger } from './log.ts';

/** Takes over what was opened, and how it is closed; gives it back. */
export type Own = <Resource>(resource: Resource, close: (resource: Resource) => unknown) => Resource;

/**
 * Builds what opens several things one after the other. When one of them fails, those that were opened before are closed,
 * in reverse, and the first error is thrown: what stays open would keep the process alive. Once all is built whoever has
 * it closes it. How one fails to close is logged.
 */
export async function buildOwning<Built>(
  logger: Logger,
  build: (own: Own) => Promise<Built>,
): Promise<Built> {
  const closers: (() => unknown)[] = [];
  try {
    return await build((resource, close) => {
      closers.push(() => close(resource));
      return resource;
    });
  } catch (error) {
    for (const close of closers.reverse()) {
      try {
        await close();
      } catch (failure) {
        logger.error({ error: errorMessage(failure) }, 'stop failed');
      }
    }
    throw error;
  }
}
