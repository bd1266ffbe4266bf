import type { WebSocket } from 'ws';
import type { Intake } from './intake.ts';
import type { Message } from './message.ts';

interface OutletOptions {
  /** Bytes that may lie unsent before the side that they come from is no longer read. */
  readonly limitBytes: number;
  /** Called when bytes have gone to the peer. */
  readonly onSent: (bytes: number) => void;
}

/**
 * What is sent to a socket. Who feeds it is held while too much is unsent, and read on at half of that: more than one,
 * when a session is moved while its client does not read.
 */
export class Outlet {
  readonly #socket: WebSocket;
  readonly #options: OutletOptions;
  #unsentBytes = 0;
  readonly #held = new Set<Intake>();

  constructor(socket: WebSocket, options: OutletOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('close', () => this.#release());
  }

  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  send({ data, isBinary }: Message, from: Intake): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const { limitBytes, onSent } = this.#options;
    this.#unsentBytes += data.length;
    if (this.#unsentBytes > limitBytes && !this.#held.has(from)) {
      this.#held.add(from);
      from.hold(this);
    }
    this.#socket.send(data, { binary: isBinary }, (error) => {
      this.#unsentBytes -= data.length;
      // A socket that fails closes; the close event tells.
      if (!error) onSent(data.length);
      if (this.#unsentBytes <= limitBytes / 2) this.#release();
    });
  }

  #release(): void {
    for (const intake of this.#held) intake.release(this);
    this.#held.clear();
  }
}
