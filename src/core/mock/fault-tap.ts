import type { ConnectionTap, OpenTap, TappedConnection } from '../server/connection-tap.ts';
import type { FaultInjection, FaultyConnection } from './fault-injection.ts';
import { MediaFaults } from './media-faults.ts';

/** Sits on every connection: numbers it, spoils its media, and drops it. */
export function openFaultTap(faults: FaultInjection): OpenTap {
  return ({ socket }) => new FaultTap(socket, faults);
}

class FaultTap implements ConnectionTap {
  readonly #socket: TappedConnection['socket'];
  readonly #faults: FaultInjection;
  readonly #connection: FaultyConnection;
  readonly #media = new MediaFaults();
  #messages = 0;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #dropped = false;

  constructor(socket: TappedConnection['socket'], faults: FaultInjection) {
    this.#socket = socket;
    this.#faults = faults;
    this.#connection = faults.open(() => this.#beginAnew());
    // What the connection itself sets going, such as the limit of a first frame.
    faults.enter(this.#connection);
    this.#beginAnew();
  }

  incoming(): void {
    this.#faults.enter(this.#connection);
  }

  outgoing(data: string | Uint8Array): string | Uint8Array | undefined {
    if (this.#dropped) return undefined;
    const message = this.#media.pass(data, this.#connection.trouble);
    if (message === undefined) return undefined;
    this.#messages += 1;
    if (typeof message !== 'string') this.#bytes += message.length;
    const { after_messages = Number.POSITIVE_INFINITY, after_bytes = Number.POSITIVE_INFINITY } =
      this.#connection.trouble.scenario.connection;
    if (this.#drops && (this.#messages >= after_messages || this.#bytes >= after_bytes)) {
      this.#dropped = true;
      // This message still leaves.
      setImmediate(() => this.#drop());
    }
    return message;
  }

  closed(): void {
    clearTimeout(this.#timer);
    this.#faults.close(this.#connection);
  }

  get #drops(): boolean {
    const { trouble } = this.#connection;
    return trouble.scenario.connection.drop !== 'none' && trouble.concerns('connection');
  }

  /** Another scenario holds: what it counts begins now. */
  #beginAnew(): void {
    clearTimeout(this.#timer);
    this.#messages = 0;
    this.#bytes = 0;
    const { after_seconds } = this.#connection.trouble.scenario.connection;
    if (after_seconds === undefined || !this.#drops) return;
    this.#timer = setTimeout(() => {
      this.#dropped = true;
      this.#drop();
    }, after_seconds * 1000);
  }

  #drop(): void {
    const { drop, code, reason } = this.#connection.trouble.scenario.connection;
    if (drop === 'close') this.#socket.close(code, reason);
    else this.#socket.terminate();
  }
}
