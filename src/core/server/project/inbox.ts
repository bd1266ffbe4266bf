/** Messages that may wait: while the session is opened, and while one before them is worked on. */
const limit = 64;

/** The messages of one client, worked on one at a time and in order, once somebody does. */
export class Inbox<Message> {
  readonly #waiting: Message[] = [];
  #work: ((message: Message) => Promise<void>) | undefined;
  #busy = false;

  /** False when too many wait already. */
  push(message: Message): boolean {
    if (this.#waiting.length >= limit) return false;
    this.#waiting.push(message);
    void this.#run();
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
    for (let message = this.#waiting.shift(); message !== undefined; message = this.#waiting.shift()) {
      await this.#work(message);
    }
    this.#busy = false;
  }
}
