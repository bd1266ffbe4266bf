import type { IncomingMessage } from 'node:http';
import { bearerToken, sameSecret } from '../base/http/secrets.ts';

export interface AccessOptions {
  /** Keys of which a request must carry one; empty: none is asked for. */
  readonly apiKeys: readonly string[];
  /** Origins allowed beside the server's own; `*` allows every one. */
  readonly allowedOrigins: readonly string[];
  /** The server listens on loopback only: pages from any loopback origin may connect. */
  readonly loopback: boolean;
}

export interface Denial {
  readonly status: 401 | 403;
  readonly message: string;
}

/** Whether the request may come in; undefined when it may. */
export function checkAccess(request: IncomingMessage, options: AccessOptions): Denial | undefined {
  return checkOrigin(request, options) ?? checkKey(request, options);
}

/** Whether the operator lets pages of this origin in; a server on loopback lets those of any loopback origin in. */
export function originAllowed(origin: string, { allowedOrigins, loopback }: AccessOptions): boolean {
  if (allowedOrigins.includes('*') || allowedOrigins.includes(origin)) return true;
  return loopback && isLoopback(hostOf(origin)?.hostname);
}

/** A page of a foreign origin must not reach the server through its visitor's browser. */
export function checkOrigin(request: IncomingMessage, options: AccessOptions): Denial | undefined {
  const { origin } = request.headers;
  if (origin === undefined) return undefined;
  if (originAllowed(origin, options)) return undefined;
  // On loopback the Host header proves nothing: a foreign name can be made to resolve to 127.0.0.1.
  const host = hostOf(origin);
  if (!options.loopback && host !== undefined && host.host === request.headers.host) return undefined;
  return {
    status: 403,
    message: `Origin ${origin.slice(0, 200)} is not allowed; add it to server.allowed_origins.`,
  };
}

export function checkKey(request: IncomingMessage, { apiKeys }: AccessOptions): Denial | undefined {
  if (apiKeys.length === 0) return undefined;
  const given = givenKey(request);
  if (given !== undefined && apiKeys.some((key) => sameSecret(key, given))) return undefined;
  const message =
    given === undefined
      ? 'An API key is missing; send it as "Authorization: Bearer KEY", "X-API-Key: KEY" or "?api_key=KEY".'
      : 'The API key is wrong.';
  return { status: 401, message };
}

function givenKey(request: IncomingMessage): string | undefined {
  const bearer = bearerToken(request);
  if (bearer !== undefined) return bearer;
  const header = request.headers['x-api-key'];
  if (typeof header === 'string') return header;
  return new URL(request.url ?? '/', 'http://localhost').searchParams.get('api_key') ?? undefined;
}

function hostOf(origin: string): URL | undefined {
  return URL.canParse(origin) ? new URL(origin) : undefined;
}

export function isLoopback(hostname: string | undefined): boolean {
  if (hostname === undefined) return false;
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(hostname) || hostname.endsWith('.localhost');
}
