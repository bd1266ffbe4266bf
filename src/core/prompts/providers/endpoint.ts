import { trimEndOf } from '../../base/trim-end.ts';

/** Where an endpoint is, in the parts that the SDK takes. */
export interface Endpoint {
  /** Without a slash at its end, e.g. `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  readonly query: Readonly<Record<string, string>>;
}

const route = '/chat/completions';

/** Takes a base URL as people paste it: with the route of the one call, with slashes at its end, with a query. */
export function endpointOf(url: string): Endpoint {
  const { origin, pathname, searchParams } = new URL(url);
  const path = trimEndOf(pathname, '/');
  const base = path.endsWith(route) ? trimEndOf(path.slice(0, -route.length), '/') : path;
  return { baseUrl: `${origin}${base}`, query: Object.fromEntries(searchParams) };
}

/** The URL that is asked, for messages: without the query, where some endpoints want a key. */
export function askedUrl(url: string): string {
  return `${endpointOf(url).baseUrl}${route}`;
}
