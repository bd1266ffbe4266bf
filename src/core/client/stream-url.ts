import { FastVideoError } from '../base/errors.ts';
import { trimEndOf } from '../base/trim-end.ts';

const route = '/v1/stream';
const schemes: Readonly<Record<string, string>> = {
  'http:': 'ws:',
  'https:': 'wss:',
  'ws:': 'ws:',
  'wss:': 'wss:',
};

/**
 * Reads the address of a stream. `http://host:8000` is the server's address, below which the stream lies; a `ws://`
 * address is taken as it is, unless it has no path. A slash behind `/v1/stream` does not count. Throws `usage`.
 */
export function readStreamUrl(text: string): URL {
  const given = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = given && schemes[given.protocol];
  if (!given || !scheme) {
    const hint = text.includes('://') ? '' : ` Did you mean ws://${text}?`;
    throw new FastVideoError(
      'usage',
      `--url ${text} is not a ws://, wss://, http:// or https:// address.${hint}`,
    );
  }
  if (given.username || given.password) {
    throw new FastVideoError(
      'usage',
      '--url contains a user or a password; pass a key with --api-key instead.',
    );
  }
  const isServer = given.protocol.startsWith('http');
  const url = new URL(`${scheme}${given.href.slice(given.protocol.length)}`);
  url.hash = '';
  const path = trimEndOf(url.pathname, '/');
  if (path.endsWith(route)) url.pathname = path;
  else if (path === '' || isServer) url.pathname = `${path}${route}`;
  return url;
}

/** The address as it is shown: a key may stand in the query. */
export function showStreamUrl(url: URL): string {
  return `${url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin}${url.pathname}`;
}
