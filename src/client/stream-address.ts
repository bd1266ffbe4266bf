import { FastVideoError } from './errors.ts';

/** Where a server's stream is, and its HTTP routes. */
export interface StreamAddress {
  /** The WebSocket to open, the API key included. */
  readonly url: string;
  /** The same without the key, for people. */
  readonly shown: string;
  /** `/status` of the same server; the API key is in the query. */
  readonly statusUrl: string;
}

const schemes: Readonly<Record<string, string>> = {
  'http:': 'ws:',
  'https:': 'wss:',
  'ws:': 'ws:',
  'wss:': 'wss:',
};
const route = '/v1/stream';

/**
 * `/v1/stream` of the server at `url` (`http`, `https`, `ws` or `wss`; a path other than `/` is taken as it is). A browser
 * cannot send headers with a WebSocket, so the key goes into the query. Throws `invalid_option`.
 */
export function streamAddress(url: string | URL, apiKey: string | undefined): StreamAddress {
  const text = String(url);
  if (!URL.canParse(text)) {
    throw new FastVideoError('invalid_option', `url is "${text}"; it must be such as http://127.0.0.1:8000.`);
  }
  const stream = new URL(text);
  const scheme = schemes[stream.protocol];
  if (scheme === undefined) {
    const message = `url begins with "${stream.protocol}"; it must begin with http:, https:, ws: or wss:.`;
    throw new FastVideoError('invalid_option', message);
  }
  stream.protocol = scheme;
  if (stream.pathname === '/') stream.pathname = route;
  stream.hash = '';
  if (apiKey !== undefined) stream.searchParams.set('api_key', apiKey);
  const status = new URL(stream);
  status.protocol = scheme === 'wss:' ? 'https:' : 'http:';
  status.pathname = stream.pathname.endsWith(route)
    ? `${stream.pathname.slice(0, -route.length)}/status`
    : '/status';
  return {
    url: stream.href,
    shown: `${stream.protocol}//${stream.host}${stream.pathname}`,
    statusUrl: status.href,
  };
}
