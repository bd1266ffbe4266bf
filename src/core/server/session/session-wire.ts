import { errorMessage } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { CheckpointMembers } from '../../sessions/checkpoint-members.ts';
import type { ClientSocket } from '../client-socket.ts';
import { CheckpointWriter } from './checkpoint-writer.ts';

/** Frames that may be held until a worker is there, e.g. errors to a peer that sends nonsense. */
const mostHeld = 1000;

/**
 * What a session sends. To a peer that asked for checkpoints the text frames of one turn of the event loop leave
 * together, behind the checkpoint of the state that they tell of: such a peer takes both or neither. To all others
 * everything leaves at once.
 */
export class SessionWire {
  readonly #socket: ClientSocket;
  readonly #logger: Logger;
  readonly #writer: CheckpointWriter | undefined;
  #held: object[] = [];
  #begun = false;
  #flushing = false;

  /** `members` gives the session's state as it is now; unset where the peer asked for no checkpoints. */
  constructor(socket: ClientSocket, logger: Logger, members: (() => CheckpointMembers) | undefined) {
    this.#socket = socket;
    this.#logger = logger;
    this.#writer = members && new CheckpointWriter(members);
  }

  /** Whether the peer can go on elsewhere by itself. */
  get sendsCheckpoints(): boolean {
    return this.#writer !== undefined;
  }

  /** The first checkpoint, then this frame, then those that were held back until now. */
  begin(frame: object): void {
    if (!this.#writer) {
      this.#socket.sendFrame(frame);
      return;
    }
    this.#held.unshift(frame);
    this.#begun = true;
    this.flush();
  }

  /** For frames about the wait for a worker: they tell of no state. */
  sendAtOnce(frame: object): void {
    this.#socket.sendFrame(frame);
  }

  sendFrame(frame: object): void {
    if (!this.#writer) {
      this.#socket.sendFrame(frame);
      return;
    }
    if (this.#held.length >= mostHeld) {
      this.#socket.close(1008, 'too_many_messages');
      return;
    }
    this.#held.push(frame);
    this.changed();
  }

  async sendLargeFrame(frame: object): Promise<void> {
    this.flush();
    await this.#socket.sendLargeFrame(frame);
  }

  async sendBinary(data: Uint8Array): Promise<void> {
    this.flush();
    await this.#socket.sendBinary(data);
  }

  /** The state has changed, or a frame waits: both leave at the end of this turn. */
  changed(): void {
    if (!this.#writer || !this.#begun || this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => this.flush());
  }

  /** The message of that number, counted from 1 behind the first frame, has had its effect. */
  done(message: number): void {
    this.#writer?.done(message);
    this.changed();
  }

  /** Sends what is held, now: what comes after is told apart from it. */
  flush(): void {
    if (!this.#begun) return;
    this.#flushing = false;
    const frames = this.#held.splice(0);
    try {
      const checkpoint = this.#writer?.next(frames.length);
      if (checkpoint) this.#socket.sendAside(checkpoint);
    } catch (error) {
      // Without its checkpoint nobody could tell what the frames were about.
      const stack = error instanceof Error ? error.stack : undefined;
      this.#logger.error({ error: errorMessage(error), stack }, 'checkpoint could not be written');
      this.#socket.close(1011, 'internal_error');
      return;
    }
    for (const frame of frames) this.#socket.sendFrame(frame);
  }

  close(code: number, reason: string): void {
    if (this.#begun) this.flush();
    else for (const frame of this.#held.splice(0)) this.#socket.sendFrame(frame);
    this.#socket.close(code, reason);
  }
}
