/** The parts of a request target that routes and keys are read from. */
export interface RequestTarget {
  /** As it was sent, without query and fragment; `/` where the target has none. */
  readonly path: string;
  /** The query as it was sent, with its question mark; empty without one. */
  readonly search: string;
}

/**
 * Reads the target of an HTTP request (RFC 9112, section 3.2), whatever a stranger has written there: never throws, as
 * `new URL` does for `//`. The authority of the absolute form is left out; who is meant stands in the Host header.
 */
export function requestTarget(target: string | undefined): RequestTarget {
  const [sent = ''] = (target ?? '').split('#', 1);
  const at = sent.indexOf('?');
  const before = at < 0 ? sent : sent.slice(0, at);
  const path = before.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '');
  return { path: path === '' ? '/' : path, search: at < 0 ? '' : sent.slice(at) };
}
