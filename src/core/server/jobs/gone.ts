import type { FastifyReply } from 'fastify';
import { FastVideoError } from '../../base/errors.ts';

/** Aborts when the client has gone, or has its answer. */
export function untilGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort(new FastVideoError('interrupted', 'The client has gone.')));
  return gone.signal;
}
