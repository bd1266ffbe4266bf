export interface InboxLimits {
  /** Messages that may wait: while the session is opened, and while one before them is worked on. */
  readonly messages: number;
  /** Bytes of them before no more is read from the client; the one that crosses the line is kept. */
  readonly bytes: number;
  readonly onLimit: (limit: 'waiting_messages' | 'waiting_bytes') => void;
}

/** Where the messages come from. */
export interface MessageSource {
  pause(): void;
  resume(): void;
}

/** The messages of one client, worked on one at a time and in order, once somebody does. */
export class Inbox<Message> {
  readonly #source: MessageSource;
  readonly #limits: InboxLimits;
  readonly #waiting: { readonly message: Message; readonly bytes: number }[] = [];
  #bytes = 0;
  #work: ((message: Message) => Promise<void>) | undefined;
  #busy = false;

  constructor(source: MessageSource, limits: InboxLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  /** False when too many wait already. `bytes`: what is held in memory for the message. */
  push(message: Message, bytes: number): boolean {
    if (this.#waiting.length >= this.#limits.messages) {
      this.#limits.onLimit('waiting_messages');
      return false;
    }
    this.#waiting.push({ message, bytes });
    this.#bytes += bytes;
    void this.#run();
    if (this.#bytes > this.#limits.bytes) {
      this.#limits.onLimit('waiting_bytes');
      this.#source.pause();
    }
    return true;
  }

  /** `work` never rejects. */
  open(work: (message: Message) => Promise<void>): void {
    this.#work = work;
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#busy || !this.#work) return;
    this.#busy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#work(next.message);
      this.#bytes -= next.bytes;
      if (this.#bytes <= this.#limits.bytes) this.#source.resume();
    }
    this.#busy = false;
  }
}
