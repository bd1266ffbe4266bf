import { FastVideoError } from '../../core/base/errors.ts';
import { trimEndOf } from '../../core/base/trim-end.ts';

/** Reads an address such as `http://host:8000`; a path before the routes is kept. Throws `usage`. */
export function readServerUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const hint = text.includes('://') ? '' : ` Did you mean http://${text}?`;
    throw new FastVideoError('usage', `--url ${text} is not an http:// or https:// address.${hint}`);
  }
  if (url.username || url.password) {
    throw new FastVideoError(
      'usage',
      '--url contains a user or a password; pass a key with --api-key instead.',
    );
  }
  url.hash = '';
  url.search = '';
  const path = trimEndOf(url.pathname, '/');
  url.pathname = path.endsWith('/status') ? path.slice(0, -'/status'.length) : path;
  return url;
}

/** The address of a route below the server's address. */
export function routeOf(server: URL, route: string): URL {
  const url = new URL(server);
  url.pathname = `${url.pathname.replace(/\/$/, '')}${route}`;
  return url;
}

/** The address as it is shown: no slash at the end. */
export function showUrl(url: URL): string {
  return url.href.replace(/\/$/, '');
}
