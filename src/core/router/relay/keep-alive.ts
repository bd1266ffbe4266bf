import type { WebSocket } from 'ws';

const silentPingsAllowed = 3;

/**
 * Pings a socket and cuts it off when it has neither answered nor taken bytes for three pings: a peer whose machine is
 * gone closes nothing. While the socket is not read, its answers cannot be seen, and it is left in peace.
 */
export class KeepAlive {
  #silentPings = 0;

  constructor(socket: WebSocket, intervalMs: number) {
    const timer = setInterval(() => {
      if (socket.isPaused) return;
      if (this.#silentPings >= silentPingsAllowed) socket.terminate();
      else if (socket.readyState === socket.OPEN) {
        this.#silentPings += 1;
        socket.ping();
      }
    }, intervalMs);
    timer.unref();
    socket.on('pong', () => this.alive());
    socket.on('close', () => clearInterval(timer));
  }

  /** The peer has shown that it is there. */
  alive(): void {
    this.#silentPings = 0;
  }
}
