import type { ReadGate } from './read-gate.ts';
import { TurnShare } from './turn-share.ts';

/** How many messages one client may send. Keys are those of the config. */
export interface MessageRate {
  /** For as long as it likes. */
  readonly messages_per_second: number;
  /** At once, after a rest. */
  readonly message_burst: number;
}

interface MessagePaceOptions<Message> {
  readonly rate: MessageRate;
  /** Is held while the client sends too many. */
  readonly gate: ReadGate;
  readonly deliver: (message: Message) => void;
  /** Called each time that the client is no longer read. */
  readonly onSlowed: () => void;
}

/** A message counts once for each so many bytes begun: what is read and parsed costs time too. */
const bytesPerCount = 128 * 1024;

/**
 * A token bucket for the messages of one client. One that sends more than it may is read more slowly, and loses nothing:
 * what has been read already waits here for its turn, in order. So it does when the client's share of the event loop is
 * used up.
 */
export class MessagePace<Message> implements Disposable {
  readonly #options: MessagePaceOptions<Message>;
  readonly #waiting: { readonly message: Message; readonly cost: number }[] = [];
  #tokens: number;
  #filledAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  readonly #share = new TurnShare();
  /** Whether a later turn of the event loop is waited for. */
  #isDeferred = false;
  #over = false;

  constructor(options: MessagePaceOptions<Message>) {
    this.#options = options;
    this.#tokens = options.rate.message_burst;
  }

  push(message: Message, bytes: number): void {
    if (this.#over) return;
    this.#waiting.push({ message, cost: 1 + Math.floor(bytes / bytesPerCount) });
    if (!this.#isHeld) this.#run();
  }

  /** A control frame has come, and was answered; it counts as a message. */
  control(): void {
    if (this.#over) return;
    this.#refill();
    this.#tokens = Math.max(this.#tokens - 1, -this.#options.rate.message_burst);
    if (!this.#isHeld) this.#run();
  }

  /** What waits is dropped. */
  [Symbol.dispose](): void {
    this.#over = true;
    this.#waiting.length = 0;
    clearTimeout(this.#timer);
  }

  get #isHeld(): boolean {
    return this.#timer !== undefined || this.#isDeferred;
  }

  #run(): void {
    this.#refill();
    let count = 0;
    for (const { message, cost } of this.#waiting) {
      if (this.#tokens <= 0 || !this.#share.hasTime) break;
      this.#tokens -= cost;
      count += 1;
      this.#share.spend(() => this.#options.deliver(message));
      if (this.#over) return;
    }
    this.#waiting.splice(0, count);
    this.#hold();
  }

  #hold(): void {
    const { rate, gate, onSlowed } = this.#options;
    const wasHeld = this.#timer !== undefined;
    this.#timer = undefined;
    if (this.#tokens > 0 && this.#waiting.length > 0) {
      this.#defer();
      return;
    }
    if (this.#tokens > 0) {
      gate.release(this);
      return;
    }
    if (!wasHeld) {
      gate.hold(this);
      onSlowed();
    }
    const waitMs = ((1 - this.#tokens) / rate.messages_per_second) * 1000;
    this.#timer = setTimeout(() => this.#run(), Math.max(1, waitMs));
  }

  /** Its messages have had their share of this turn of the event loop. */
  #defer(): void {
    this.#options.gate.hold(this);
    this.#isDeferred = true;
    this.#share.later(() => {
      this.#isDeferred = false;
      if (!this.#over) this.#run();
    });
  }

  #refill(): void {
    const { messages_per_second: perSecond, message_burst: burst } = this.#options.rate;
    const now = performance.now();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = now;
  }
}
