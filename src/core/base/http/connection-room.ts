import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The system may hand over a row of connections before one that makes room for them has closed. */
const mostInOneTurn = 128;

/**
 * Holds at most so many TCP connections, and still takes the next one, so that no stranger who opens all of them keeps
 * out a probe: the connection without a request that is the oldest is closed for it, where there is none the one whose
 * request is the oldest. WebSockets are let be, and only where nothing else is open the next one is closed.
 */
export function keepRoom(server: Server, mostConnections: number, onFull: () => void): void {
  /** Without a request, oldest first. */
  const idle = new Set<Duplex>();
  /** How many requests of each wait for an answer; oldest first. */
  const asking = new Map<Duplex, number>();
  let upgraded = 0;

  const isFull = () => idle.size + asking.size + upgraded >= mostConnections;
  const forget = (socket: Duplex) => idle.delete(socket) || asking.delete(socket);
  const oldest = () => idle.values().next().value ?? asking.keys().next().value;

  server.maxConnections = mostConnections + mostInOneTurn;
  server.on('drop', onFull);
  server.on('connection', (socket: Socket) => {
    if (isFull()) {
      onFull();
      const given = oldest() ?? socket;
      forget(given);
      given.destroy();
    }
    if (socket.destroyed) return;
    idle.add(socket);
    socket.once('close', () => forget(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    // One that has changed its protocol is counted as such.
    if (!idle.delete(socket) && !asking.has(socket)) return;
    asking.set(socket, (asking.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (asking.get(socket) ?? 0) - 1;
      if (left > 0) asking.set(socket, left);
      else if (asking.delete(socket) && !socket.destroyed) idle.add(socket);
    });
  });
  server.on('upgrade', (_request: IncomingMessage, socket: Duplex) => {
    if (!forget(socket)) return;
    upgraded += 1;
    socket.once('close', () => {
      upgraded -= 1;
    });
  });
}
