import type { Intake } from './intake.ts';
import type { Message } from './message.ts';

/**
 * What a client has sent before a replica let its session in: sent again, from the start, to each replica that is
 * tried. The first frame may be as large as a message may be; when the others hold more than the limit the client is
 * no longer read.
 */
export class Opening {
  readonly #client: Intake;
  readonly #limitBytes: number;
  readonly #messages: Message[] = [];
  #laterBytes = 0;
  #gotFirst: (first: Message) => void = () => undefined;
  readonly first: Promise<Message>;

  constructor(client: Intake, limitBytes: number) {
    this.#client = client;
    this.#limitBytes = limitBytes;
    this.first = new Promise((resolve) => {
      this.#gotFirst = resolve;
    });
  }

  get messages(): readonly Message[] {
    return this.#messages;
  }

  get bytes(): number {
    return (this.#messages[0]?.data.length ?? 0) + this.#laterBytes;
  }

  keep(message: Message): void {
    if (this.#messages.length === 0) this.#gotFirst(message);
    // A message without bytes takes room too.
    else this.#laterBytes += message.data.length + 64;
    this.#messages.push(message);
    if (this.#laterBytes > this.#limitBytes) this.#client.hold(this);
  }

  /** The session is let in: nothing is sent again from here on. */
  end(): void {
    this.#client.release(this);
  }
}
