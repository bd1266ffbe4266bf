import { STATUS_CODES } from 'node:http';
import { errorMessage, systemErrorCode } from '../../base/errors.ts';
import { ProviderFailure } from '../provider.ts';
import { askedUrl, endpointOf } from './endpoint.ts';
import { failureText } from './failure-text.ts';
import { HttpFailure } from './http-failure.ts';
import { retryAfterMs } from './retry-after.ts';

interface Asked {
  readonly name: string;
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
}

const longestQuote = 300;

/**
 * What went wrong with a call. Retryable: network failures, 429, 5xx, redirects, and answers that make no sense; not
 * retryable: any other 4xx.
 */
export function chatFailure(error: unknown, asked: Asked): ProviderFailure {
  const root = rootOf(error);
  if (root instanceof ProviderFailure) return root;
  if (root instanceof HttpFailure) return httpFailure(root, asked);
  const { host } = new URL(asked.baseUrl);
  const reason = systemErrorCode(root) ?? errorMessage(root);
  return new ProviderFailure(`${asked.name} cannot be reached at ${host}: ${reason}`, {
    retryable: true,
    cause: error,
  });
}

/** What a status means for the next call: 429 and all but 4xx may be other the next time. */
export function isPassing(status: number): boolean {
  return status < 400 || status >= 500 || status === 429;
}

/** What a provider says, on one line; some repeat the key. */
export function quote(words: string, apiKey: string | undefined): string {
  const text = words.replace(/\s+/g, ' ').trim();
  const safe = apiKey ? text.replaceAll(apiKey, '[key]') : text;
  return safe.length > longestQuote ? `${safe.slice(0, longestQuote)}…` : safe;
}

function httpFailure(failure: HttpFailure, asked: Asked): ProviderFailure {
  const { status, headers, body } = failure;
  const words = quote(failureText(body), asked.apiKey) || STATUS_CODES[status] || 'without a message';
  const what = isRedirect(status)
    ? redirectText(failure)
    : `${status} ${words}${advice(status, asked.baseUrl)}`;
  const retryable = isPassing(status);
  return new ProviderFailure(`${asked.name} answered ${what}`, {
    retryable,
    cause: failure,
    retryAfterMs: retryable ? retryAfterMs(headers, Date.now()) : undefined,
  });
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

/** Only the origin is told: what comes after it may hold a token. */
function redirectText({ status, headers }: HttpFailure): string {
  const location = headers.get('location');
  const to = location === null ? undefined : URL.parse(location);
  const where = to ? ` to ${to.origin}` : '';
  return `${status}, a redirect${where} that is not followed: set the base URL to where it leads`;
}

function advice(status: number, baseUrl: string): string {
  if (status === 401 || status === 403) return ' (is the API key right?)';
  if (status !== 404 && status !== 405) return '';
  const versioned = /\/v\d/.test(endpointOf(baseUrl).baseUrl);
  const missing = versioned ? '' : '; base URLs usually end with /v1';
  return ` (asked at ${askedUrl(baseUrl)}${missing})`;
}

/** The SDK and `fetch` wrap what really happened. */
function rootOf(error: unknown): unknown {
  let at = error;
  while (at instanceof Error && !isOurs(at) && at.cause instanceof Error) at = at.cause;
  return at;
}

function isOurs(error: Error): boolean {
  return error instanceof ProviderFailure || error instanceof HttpFailure;
}
