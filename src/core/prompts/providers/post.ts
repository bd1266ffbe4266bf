import { readBody } from './body.ts';
import { HttpFailure } from './http-failure.ts';

/** 303 is none of them: what it points to is not asked the same thing. */
const redirects = new Set([301, 302, 307, 308]);
const mostRedirects = 5;
/** Longest text of a failure, in bytes. */
const maxFailureBytes = 64 * 1024;

/**
 * `fetch` for calls with a key and a body: sends both again where it is redirected within the origin, and to nobody else.
 * Throws `HttpFailure` for every answer that is not 2xx, and what `fetch` throws.
 */
export const post: typeof fetch = async (input, init) => {
  let url = new URL(input instanceof Request ? input.url : input.toString());
  for (let count = 0; ; count += 1) {
    const response = await fetch(url.href, { ...init, redirect: 'manual' });
    if (response.ok) return response;
    const next = redirects.has(response.status) ? locationOf(response, url) : undefined;
    if (next?.origin !== url.origin || count >= mostRedirects) throw await failureOf(response);
    await response.body?.cancel();
    url = next;
  }
};

function locationOf(response: Response, base: URL): URL | undefined {
  const location = response.headers.get('location');
  const next = location === null ? null : URL.parse(location, base.href);
  if (next === null) return undefined;
  // `fetch` takes no URL that holds them.
  [next.username, next.password] = ['', ''];
  return next;
}

async function failureOf(response: Response): Promise<HttpFailure> {
  const body = await readBody(response, maxFailureBytes);
  return new HttpFailure(response.status, response.headers, body ?? '');
}
