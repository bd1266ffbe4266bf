import { errorMessage, systemErrorCode } from '../../base/errors.ts';
import { ProviderFailure } from '../provider.ts';
import { retryAfterMs } from './retry-after.ts';

interface Asked {
  readonly name: string;
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
}

const longestQuote = 300;

/**
 * What went wrong with a call. Retryable: network failures, 429, 5xx, and answers that make no sense; not retryable: any
 * other 4xx.
 */
export function chatFailure(error: unknown, asked: Asked): ProviderFailure {
  if (error instanceof ProviderFailure) return error;
  const status = statusOf(error);
  if (status === undefined) {
    const { host } = new URL(asked.baseUrl);
    return new ProviderFailure(`${asked.name} cannot be reached at ${host}: ${networkReason(error)}`, {
      retryable: true,
      cause: error,
    });
  }
  const refused = status >= 400 && status < 500 && status !== 429;
  const advice = status === 401 || status === 403 ? ' (is the API key right?)' : '';
  return new ProviderFailure(`${asked.name} answered ${quote(error, asked.apiKey)}${advice}`, {
    retryable: !refused,
    cause: error,
    retryAfterMs: refused ? undefined : retryAfterMs(headerOf(error, 'retry-after'), Date.now()),
  });
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof Error && 'status' in error && typeof error.status === 'number') return error.status;
  return undefined;
}

function headerOf(error: unknown, name: string): string | null {
  if (error instanceof Error && 'headers' in error && error.headers instanceof Headers) {
    return error.headers.get(name);
  }
  return null;
}

/** The SDK and `fetch` wrap what really happened. */
function networkReason(error: unknown): string {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  return systemErrorCode(at) ?? errorMessage(at);
}

/** What the provider says, on one line; some repeat the key. */
function quote(error: unknown, apiKey: string | undefined): string {
  const text = errorMessage(error).replace(/\s+/g, ' ').trim();
  const safe = apiKey ? text.replaceAll(apiKey, '[key]') : text;
  return safe.length > longestQuote ? `${safe.slice(0, longestQuote)}…` : safe;
}
