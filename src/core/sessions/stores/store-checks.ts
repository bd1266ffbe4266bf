import { FastVideoError } from '../../base/errors.ts';

// Lower case only: on a file system that ignores case no two names can meet.
const namePattern = /^[a-z0-9-]{1,128}$/;

/** Keys are hexadecimal digests and blob ids are UUIDs; anything else could name a path outside of the store. */
export function checkName(name: string): void {
  if (namePattern.test(name)) return;
  throw new FastVideoError('store_failed', 'The store does not know this name.', {
    retryable: false,
  });
}

/** Throws `store_failed` for more bytes than the store takes in one piece. */
export function checkSize(what: 'blob' | 'record', bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new FastVideoError(
    'store_failed',
    `The ${what} of ${bytes} bytes is larger than the limit of the store, ${maxBytes} bytes.`,
    { retryable: false },
  );
}
