import { timeLimit } from '../base/async/deadline.ts';
import type { Connection, ConnectionEvent } from './connection.ts';

/** How long a server may take to end a session that was left. */
const limitMs = 1000;

/** Waits for the end of a connection whose session was left; what still comes is dropped. Cuts it off after a second. */
export async function endOf(
  connection: Connection,
  next: (limit: AbortSignal) => Promise<ConnectionEvent | undefined>,
): Promise<void> {
  using limit = timeLimit(limitMs);
  try {
    for (;;) {
      const event = await next(limit.signal);
      if (event?.type === 'closed') return;
      if (event?.type === 'text') connection.taken(Buffer.byteLength(event.text));
      if (event?.type === 'binary') connection.taken(event.data.length);
    }
  } catch (error) {
    // When the time is over the server learns it from the connection.
    if (!limit.signal.aborted) throw error;
  } finally {
    connection.terminate();
  }
}
