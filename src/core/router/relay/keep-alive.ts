import type { WebSocket } from 'ws';

const silentPingsAllowed = 3;

/**
 * Pings a socket and cuts it off when it has neither answered nor taken bytes for three pings: a peer whose machine is
 * gone closes nothing. While the socket is not read, answers cannot be seen, and only one that leaves bytes lying is
 * silent; it is pinged all the same, because a close is not seen then either, and writing to a peer that is gone fails.
 */
export class KeepAlive {
  #silentPings = 0;

  constructor(socket: WebSocket, intervalMs: number) {
    const timer = setInterval(() => {
      if (socket.readyState !== socket.OPEN) return;
      const cannotShow = socket.isPaused && socket.bufferedAmount === 0;
      if (cannotShow) this.alive();
      if (this.#silentPings >= silentPingsAllowed) socket.terminate();
      else {
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
