import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FastVideoError } from '../errors.ts';

/** Where sessions and blobs are kept. `shown` is for people: it never holds a password. */
export type StoreLocation =
  | { readonly kind: 'memory'; readonly shown: string }
  | { readonly kind: 'file'; readonly shown: string; readonly directory: string }
  | RedisLocation;

export interface RedisLocation {
  readonly kind: 'redis';
  readonly shown: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
}

const right = 'memory:, file:DIR or redis://[user:password@]host[:port][/db]';

/**
 * Reads `memory:`, `file:DIR`, `redis://[user:password@]host[:port][/db]` or `rediss://…` (TLS). Throws
 * `config_invalid` with one line that never shows a password.
 */
export function parseStoreUrl(url: string): StoreLocation {
  if (url === 'memory:') return { kind: 'memory', shown: url };
  if (url.startsWith('file:')) return parseFile(url);
  if (/^rediss?:\/\//.test(url)) return parseRedis(url);
  throw invalid(url, 'does not name a kind of store');
}

function parseFile(url: string): StoreLocation {
  const directory = url.startsWith('file://') ? directoryOfUrl(url) : url.slice('file:'.length);
  if (directory.trim() === '' || directory.includes('\0')) throw invalid(url, 'does not name a folder');
  const absolute = resolve(directory);
  return { kind: 'file', shown: `file:${absolute}`, directory: absolute };
}

function directoryOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    // `file://data` names a host called `data`; the cause would say no more.
    throw invalid(url, 'is not a file URL (write file:DIR, or file:///DIR with three slashes)');
  }
}

function parseRedis(url: string): StoreLocation {
  // Asked first, as the error of `new URL` carries the whole text, and with it the password.
  const parts = URL.canParse(url) ? new URL(url) : undefined;
  if (parts === undefined || parts.hostname === '') {
    throw invalid(url, 'is not a Redis URL (special characters of a password are written %40, %2F, …)');
  }
  if (!/^(\/\d{0,5})?$/.test(parts.pathname)) {
    throw invalid(url, 'has something other than a database number after the host');
  }
  if (parts.search !== '' || parts.hash !== '') throw invalid(url, 'has options, which are not supported');
  const host = parts.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = parts.port === '' ? 6379 : Number(parts.port);
  const database = Number(parts.pathname.slice(1));
  const username = decode(url, parts.username);
  const password = decode(url, parts.password);
  return {
    kind: 'redis',
    shown: `${parts.protocol}//${parts.hostname}:${port}/${database}`,
    host,
    port,
    tls: parts.protocol === 'rediss:',
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    database,
  };
}

function decode(url: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // The cause would add nothing but a piece of the password.
    throw invalid(url, 'has a "%" in its user name or password that is not an escape (write %25)');
  }
}

function invalid(url: string, reason: string): FastVideoError {
  return new FastVideoError('config_invalid', `The store "${withoutSecrets(url)}" ${reason}: use ${right}.`);
}

/** Also of a text that cannot be parsed: all up to the last "@" may be a password, and so may a query or a port. */
function withoutSecrets(url: string): string {
  const text = url.replace(/\s+/g, ' ');
  const at = text.lastIndexOf('@');
  const [scheme = ''] = /^[a-z]+:\/*/i.exec(text.slice(0, at + 1)) ?? [];
  const shown = (at < 0 ? text : `${scheme}***@${text.slice(at + 1)}`).replace(
    /(:\/\/[^:/]*:)(?!\d+(\/|$)).*|(:\/\/:).*/,
    '$1$3***',
  );
  const query = shown.indexOf('?', shown.lastIndexOf('@') + 1);
  return query < 0 ? shown : `${shown.slice(0, query)}?***`;
}
