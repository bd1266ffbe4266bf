import type { ReadGate } from '../../base/read-gate.ts';
import type { Message } from '../wire/message.ts';
import type { Acknowledgement } from './checkpoint-cache.ts';

interface Line {
  /** Its place behind the opening, from 1, on the connection to the replica. */
  number: number;
  readonly message: Message;
}

/** A message without bytes takes room too. */
export const messageOverhead = 64;

/**
 * What a client has said that a replica may have to be told again: its opening, and what no replica is known to have
 * worked on. The opening may be as large as a message may be. When the others are more than the limit while no replica
 * has the session, the client is no longer read.
 */
export class ClientScript {
  readonly #client: ReadGate;
  readonly #limitBytes: number;
  #gotOpening: (opening: Message) => void = () => undefined;
  readonly opened: Promise<Message>;
  #opening: Message | undefined;
  #lines: Line[] = [];
  #lineBytes = 0;
  #count = 0;
  #keeps = true;
  /** Whether no replica has the session. */
  #waits = true;

  constructor(client: ReadGate, limitBytes: number) {
    this.#client = client;
    this.#limitBytes = limitBytes;
    this.opened = new Promise((resolve) => {
      this.#gotOpening = resolve;
    });
  }

  /** The client's first message; undefined before it has come, and when it is not needed any more. */
  get opening(): Message | undefined {
    return this.#opening;
  }

  /** What came after it and has to be sent to the next replica, in order. */
  get rest(): readonly Message[] {
    return this.#lines.map(({ message }) => message);
  }

  /** Whether the client has said nothing yet. */
  get isUnopened(): boolean {
    return this.#keeps && this.#opening === undefined;
  }

  /** Whether another replica could be told all that is needed. */
  get isKept(): boolean {
    return this.#keeps && this.#opening !== undefined;
  }

  /** Bytes that wait for a replica to have the session. */
  get waitingBytes(): number {
    return this.#waits ? this.#bytes : 0;
  }

  /** Bytes that are kept for another replica. */
  get keptBytes(): number {
    return this.#waits ? 0 : this.#bytes;
  }

  keep(said: Message): void {
    if (!this.#keeps) return;
    const message = inOwnMemory(said);
    if (!this.#opening) {
      this.#opening = message;
      this.#gotOpening(message);
      return;
    }
    this.#count += 1;
    this.#lines.push({ number: this.#count, message });
    this.#changed(message.data.length + messageOverhead);
  }

  /** A replica has worked on these. */
  acknowledge({ seen, pending }: Acknowledgement): void {
    if (this.#lines.length === 0) return;
    const done = ({ number }: Line) => number <= seen && !pending.includes(number);
    const bytes = this.#lines.filter(done).reduce((sum, line) => sum + line.message.data.length, 0);
    const before = this.#lines.length;
    this.#lines = this.#lines.filter((line) => !done(line));
    this.#changed(-bytes - (before - this.#lines.length) * messageOverhead);
  }

  /** Another replica is told all of it: the messages are counted anew. */
  again(): void {
    this.#waits = true;
    for (const [index, line] of this.#lines.entries()) line.number = index + 1;
    this.#count = this.#lines.length;
  }

  /** A replica has the session. */
  arrived(): void {
    this.#waits = false;
    this.#changed(0);
  }

  /** It has lost it. */
  departed(): void {
    this.#waits = true;
    this.#changed(0);
  }

  /** Nothing is told again from here on. */
  end(): void {
    this.#keeps = false;
    this.#opening = undefined;
    this.#lines = [];
    this.#lineBytes = 0;
    this.#client.release(this);
  }

  get #bytes(): number {
    return (this.#opening?.data.length ?? 0) + this.#lineBytes;
  }

  #changed(bytes: number): void {
    this.#lineBytes += bytes;
    if (this.#waits && this.#lineBytes > this.#limitBytes) this.#client.hold(this);
    else this.#client.release(this);
  }
}

/** A few bytes that are kept must not keep all that was read with them. */
function inOwnMemory(message: Message): Message {
  const { data, isBinary } = message;
  if (data.buffer.byteLength <= 2 * data.length) return message;
  const copy = Buffer.allocUnsafeSlow(data.length);
  data.copy(copy);
  return { data: copy, isBinary };
}
