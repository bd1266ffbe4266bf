import * as z from 'zod';

/** Why a session waits for a worker. */
export const queueReasons = [
  /** No worker is ready yet: they are starting or warming up. */
  'warming_up',
  /** Every worker is bound, and every session that holds one uses it. */
  'workers_busy',
  /** A worker is bound to a session for which nothing is generated now. */
  'idle_session',
  /** The server is shutting down: no worker will come. */
  'draining',
] as const;
export type QueueReason = (typeof queueReasons)[number];

export const QueueReasonSchema = z
  .enum(queueReasons)
  .optional()
  .describe(
    'Why the session waits: no worker is ready yet (`warming_up`), all workers are in use (`workers_busy`), a worker is held by a session that generates nothing now (`idle_session`), or the server is shutting down (`draining`). Only while it waits; a new reason is sent as it changes.',
  );

const sentences: Readonly<Record<QueueReason, string>> = {
  warming_up: 'The server is warming up',
  workers_busy: 'All workers are busy',
  idle_session: 'A worker is held by an idle session',
  draining: 'The server is shutting down',
};

/** For people, without the full stop. Servers that name no reason have all workers busy, as far as a client can tell. */
export function queueReasonWords(reason: QueueReason | undefined): string {
  return sentences[reason ?? 'workers_busy'];
}
