import { FastVideoError } from './errors.ts';
import type { StreamAddress } from './stream-address.ts';

/**
 * Why no WebSocket could be opened. A browser does not say, but the server's HTTP side, asked with the same key, does.
 * `ask: false` where it must not be asked. Never rejects.
 */
export async function explainFailure(
  { shown, statusUrl }: StreamAddress,
  { ask }: { readonly ask: boolean },
): Promise<FastVideoError> {
  const unreachable = new FastVideoError(
    'connection_failed',
    `No connection to ${shown}. Is the server running, and does it allow this page's address?`,
    { retryable: true },
  );
  if (!ask) return unreachable;
  try {
    const { status } = await fetch(statusUrl);
    if (status === 401 || status === 403) {
      return new FastVideoError('unauthorized', `The API key for ${shown} is missing or wrong.`);
    }
  } catch {
    // No answer at all is what the sentence says.
  }
  return unreachable;
}
