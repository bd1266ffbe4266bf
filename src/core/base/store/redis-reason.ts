import { ConnectionTimeoutError, ErrorReply, SocketTimeoutError } from 'redis';
import { errorMessage } from '../errors.ts';

/** Error replies (by their first word) of a server that cannot serve now, whatever the command. */
const refusals: Readonly<Record<string, string>> = {
  BUSY: 'it is busy with a script',
  CLUSTERDOWN: 'its cluster is down',
  LOADING: 'it is still loading its data',
  MASTERDOWN: 'it has lost its primary',
  MISCONF: 'it cannot save to its disk',
  MOVED:
    'it is a node of a cluster that keeps this key elsewhere; name a proxy, or a Redis that is not a cluster',
  NOAUTH: 'it needs a password',
  NOPERM: 'its user may not run the commands that are needed on keys fastvideo:*',
  NOREPLICAS: 'it has too few replicas to write',
  OOM: 'its memory is full',
  READONLY: 'it is a replica that cannot be written',
  WRONGPASS: 'the user name or the password is wrong',
};

/** One readable line; never holds a password. */
export function redisReason(error: unknown): string {
  if (error instanceof ErrorReply) {
    const explanation = refusals[firstWord(error)];
    return explanation === undefined ? error.message : `${explanation} (${firstWord(error)})`;
  }
  if (error instanceof SocketTimeoutError || error instanceof ConnectionTimeoutError)
    return 'no answer in time';
  // One error for each address of the host; they differ in the address only.
  if (error instanceof AggregateError && error.errors.length > 0) return errorMessage(error.errors[0]);
  return errorMessage(error);
}

export function isRefusal(error: unknown): boolean {
  return error instanceof ErrorReply && refusals[firstWord(error)] !== undefined;
}

function firstWord(error: Error): string {
  return error.message.split(' ', 1)[0] ?? '';
}
