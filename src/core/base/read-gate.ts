export interface PausableSocket {
  pause(): void;
  resume(): void;
}

/** What is read from a socket: nothing as long as anyone holds it. TCP then stops the peer. */
export class ReadGate {
  readonly #socket: PausableSocket;
  readonly #holders = new Set<object>();

  constructor(socket: PausableSocket) {
    this.#socket = socket;
  }

  hold(holder: object): void {
    this.#holders.add(holder);
    this.#socket.pause();
  }

  release(holder: object): void {
    if (this.#holders.delete(holder) && this.#holders.size === 0) this.#socket.resume();
  }

  /** Reads on whoever holds it: without that the peer's close frame would never come in. */
  open(): void {
    this.#holders.clear();
    this.#socket.resume();
  }
}
