import type { WebSocket } from 'ws';
import { Heartbeat } from './async/heartbeat.ts';

const silentPingsAllowed = 3;

/**
 * Pings a socket and cuts it off when it has neither answered nor taken bytes for three pings: a peer whose machine is
 * gone closes nothing. While the socket is not read, answers cannot be seen, and only one that leaves bytes lying is
 * silent; it is pinged all the same, because a close is not seen then either, and writing to a peer that is gone fails.
 */
export class KeepAlive {
  readonly #heartbeat: Heartbeat;

  /** @param onSilent - called before the peer is cut off */
  constructor(socket: WebSocket, intervalMs: number, onSilent: () => void = () => undefined) {
    const isOpen = () => socket.readyState === socket.OPEN;
    const isDeaf = () => !isOpen() || (socket.isPaused && socket.bufferedAmount === 0);
    const ping = () => {
      if (isOpen()) socket.ping();
    };
    this.#heartbeat = new Heartbeat({ intervalMs, allowed: silentPingsAllowed, isDeaf }, ping, () => {
      onSilent();
      socket.terminate();
    });
    socket.on('pong', () => this.alive());
    socket.on('close', () => this.#heartbeat.stop());
  }

  /** The peer has shown that it is there. */
  alive(): void {
    this.#heartbeat.alive();
  }
}
