export type StreamAddress =
  | {
      readonly ok: true;
      /** The stream, without the key. */
      readonly url: string;
      /** The same, for people. */
      readonly shown: string;
      readonly apiKey: string | undefined;
      /** Where the server's HTTP answers, if the page's security policy lets it be asked; the key is in the query. */
      readonly statusUrl: string | undefined;
    }
  | { readonly ok: false; readonly problem: string };

/**
 * The stream that a page at `page` talks to: `/v1/stream` of the server that the page came from, or of the one that
 * `?url=` names (`http`, `https`, `ws` or `wss`; without a path `/v1/stream` is meant). `?api_key=` is passed on.
 */
export function streamAddress(page: URL): StreamAddress {
  const other = page.searchParams.get('url');
  const text = other ?? page.origin;
  if (!URL.canParse(text)) {
    return { ok: false, problem: `?url= is "${text}"; it must be an address such as ws://127.0.0.1:8000.` };
  }
  const url = new URL(text);
  const protocol = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' }[url.protocol];
  if (protocol === undefined) {
    return { ok: false, problem: `?url= begins with "${url.protocol}"; it must begin with ws: or wss:.` };
  }
  url.protocol = protocol;
  if (url.pathname === '/') url.pathname = '/v1/stream';
  url.hash = '';
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  const key = page.searchParams.get('api_key');
  const status = new URL('/status', page.origin);
  if (key !== null) status.searchParams.set('api_key', key);
  const apiKey = key ?? undefined;
  return { ok: true, url: url.href, shown, apiKey, statusUrl: other === null ? status.href : undefined };
}
