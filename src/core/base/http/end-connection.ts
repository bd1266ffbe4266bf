import type { Duplex } from 'node:stream';

/** How long a peer may take to end its side. */
const graceMs = 5000;

/** Ends a connection behind what was written, and cuts it off where the peer does not end its side: it may never. */
export function endConnection(socket: Duplex): void {
  socket.end();
  // What it still sends is read, or its end would never come in.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), graceMs).unref();
  socket.once('close', () => clearTimeout(timer));
}
