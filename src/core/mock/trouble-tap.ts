import type { ConnectionTap, OpenTap, TappedConnection } from '../server/connection-tap.ts';
import { MediaTrouble } from './media-trouble.ts';
import type { TroubledConnection, Troublemaker } from './troublemaker.ts';

/** Sits on every connection: numbers it, spoils its media, and drops it. */
export function openTroubleTap(troublemaker: Troublemaker): OpenTap {
  return ({ socket }) => new TroubleTap(socket, troublemaker);
}

class TroubleTap implements ConnectionTap {
  readonly #socket: TappedConnection['socket'];
  readonly #troublemaker: Troublemaker;
  readonly #connection: TroubledConnection;
  readonly #media = new MediaTrouble();
  #messages = 0;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #dropped = false;

  constructor(socket: TappedConnection['socket'], troublemaker: Troublemaker) {
    this.#socket = socket;
    this.#troublemaker = troublemaker;
    this.#connection = troublemaker.open(() => this.#beginAnew());
    // What the connection itself sets going, such as the limit of a first frame.
    troublemaker.enter(this.#connection);
    this.#beginAnew();
  }

  incoming(): void {
    this.#troublemaker.enter(this.#connection);
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
    this.#troublemaker.close(this.#connection);
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
