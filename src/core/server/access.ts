import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { normalHost } from '../base/http/origin.ts';
import { requestTarget } from '../base/http/request-target.ts';
import { bearerToken, sameSecret } from '../base/http/secrets.ts';

export interface AccessOptions {
  /** Keys of which a request must carry one; empty: none is asked for. */
  readonly apiKeys: readonly string[];
  /** Origins allowed beside the server's own, as `URL.origin` writes them; `*` allows every one. */
  readonly allowedOrigins: readonly string[];
  /** Names that clients may call the server by, in lower case; empty: on loopback its own, elsewhere any. */
  readonly allowedHosts: readonly string[];
  /** The server listens on loopback only: pages from any loopback origin may connect. */
  readonly loopback: boolean;
  /**
   * The server listens on all addresses: pages from any loopback origin may connect unless `allowedOrigins` says otherwise.
   * Behind a proxy on the same machine that changes the Host they look foreign.
   */
  readonly allAddresses: boolean;
}

export interface Denial {
  readonly status: 401 | 403;
  readonly message: string;
  /** The origin that is refused. */
  readonly origin?: string;
}

type Request = Pick<IncomingMessage, 'headers' | 'url' | 'method'>;

const harmless = ['GET', 'HEAD', 'OPTIONS'];

/** Whether a WebSocket may be opened; undefined when it may. */
export function checkAccess(request: Request, options: AccessOptions): Denial | undefined {
  const { origin } = request.headers;
  // A browser always says where the page is from; who does not say it is no page that was given a foreign name.
  const foreignHost = origin === undefined ? undefined : checkHost(request, options);
  return foreignHost ?? checkOrigin(request, options) ?? checkKey(request, options);
}

/** Whether a page that a visitor's browser shows may use the HTTP routes; undefined when it may, or when it is none. */
export function checkPage(request: Request, options: AccessOptions): Denial | undefined {
  const foreignHost = checkHost(request, options);
  if (foreignHost) return foreignHost;
  // What a foreign page may read, CORS decides; it must not change anything either.
  return harmless.includes(request.method ?? '') ? undefined : checkOrigin(request, options);
}

/** Whether pages of this origin are let in: those that the operator names, and on his own machine those of it. */
export function originAllowed(origin: string, options: AccessOptions): boolean {
  const { allowedOrigins, loopback, allAddresses } = options;
  const url = urlOf(origin);
  if (allowedOrigins.includes('*')) return true;
  if (url === undefined) return false;
  return (
    allowedOrigins.includes(url.origin) ||
    ((loopback || (allAddresses && allowedOrigins.length === 0)) && isLoopback(url.hostname))
  );
}

/**
 * A foreign name can be made to resolve to the server's address: to the browser a page of that name is then of the
 * server's own origin. On loopback nobody else calls it by a name, so that only its own are taken.
 */
function checkHost({ headers: { host } }: Request, options: AccessOptions): Denial | undefined {
  const { allowedHosts, loopback } = options;
  if (host === undefined || (!loopback && allowedHosts.length === 0)) return undefined;
  const { name } = hostParts(host);
  if (isLoopback(name) || isIP(name.replace(/^\[|\]$/g, '')) !== 0 || allowedHosts.includes(name))
    return undefined;
  return {
    status: 403,
    message: `Host ${host.slice(0, 200)} is not a name of this server; add it to server.allowed_hosts.`,
  };
}

/** A page of a foreign origin must not reach the server through its visitor's browser. */
function checkOrigin(request: Request, options: AccessOptions): Denial | undefined {
  const { origin, host } = request.headers;
  if (origin === undefined || originAllowed(origin, options)) return undefined;
  // On loopback the Host header proves nothing, unless the operator has named the host.
  const known = !options.loopback || options.allowedHosts.includes(hostParts(host ?? '').name);
  if (known && host !== undefined && isSameOrigin(origin, host)) return undefined;
  return {
    status: 403,
    message: `Origin ${origin.slice(0, 200)} is not allowed; add it to server.allowed_origins.`,
    origin,
  };
}

/** A proxy may have added the default port to the Host header, or have left the port out. */
function isSameOrigin(origin: string, host: string): boolean {
  const url = urlOf(origin);
  if (url === undefined) return false;
  const { name, port } = hostParts(host);
  const defaultPort = url.protocol === 'https:' ? '443' : '80';
  return name === url.hostname && (port === undefined || port === (url.port || defaultPort));
}

export function checkKey(request: Request, { apiKeys }: Pick<AccessOptions, 'apiKeys'>): Denial | undefined {
  if (apiKeys.length === 0) return undefined;
  const given = givenKey(request);
  if (given !== undefined && apiKeys.some((key) => sameSecret(key, given))) return undefined;
  const message =
    given === undefined
      ? 'An API key is missing; send it as "Authorization: Bearer KEY", "X-API-Key: KEY" or "?api_key=KEY".'
      : 'The API key is wrong.';
  return { status: 401, message };
}

function givenKey(request: Request): string | undefined {
  const bearer = bearerToken(request);
  if (bearer !== undefined) return bearer;
  const header = request.headers['x-api-key'];
  if (typeof header === 'string') return header;
  return new URLSearchParams(requestTarget(request.url).search).get('api_key') ?? undefined;
}

/** The Host header's name, in lower case and without the dot of the root, and its port. */
function hostParts(host: string): { readonly name: string; readonly port: string | undefined } {
  const [, name = host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(host) ?? [];
  return { name: normalHost(name), port: port === '' ? undefined : port };
}

function urlOf(origin: string): URL | undefined {
  return URL.canParse(origin) ? new URL(origin) : undefined;
}

export function isLoopback(hostname: string | undefined): boolean {
  if (hostname === undefined) return false;
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(hostname) || hostname.endsWith('.localhost');
}

/** Whether a server that listens there listens on all addresses of the machine. */
export function isUnspecified(host: string): boolean {
  return ['0.0.0.0', '::', '[::]'].includes(host);
}
