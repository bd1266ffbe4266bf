import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { encodeMessage, MessageReader, type RawMessage } from '../../protocol/worker/framing.ts';

const nothing = new Uint8Array(0);

/** Messages of the worker protocol over a pair of pipes. */
export class MessageStream {
  readonly #output: Writable;
  readonly #reader = new MessageReader();

  constructor(
    input: Readable,
    output: Writable,
    handlers: {
      readonly onMessage: (message: RawMessage) => void;
      /** The other side wrote what is no message, or the pipe broke. */
      readonly onError: (error: unknown) => void;
      /** The other side reads no more; default `onError`. */
      readonly onDeaf?: (error: unknown) => void;
    },
  ) {
    this.#output = output;
    output.on('error', handlers.onDeaf ?? handlers.onError);
    input.on('error', handlers.onError);
    let lost = false;
    input.on('data', (chunk: Buffer) => {
      // Behind what is no message nothing can be made out; what still comes is let run off.
      if (lost) return;
      try {
        for (const message of this.#reader.push(chunk)) handlers.onMessage(message);
      } catch (error) {
        lost = true;
        handlers.onError(error);
      }
    });
  }

  send(header: object, payload: Uint8Array = nothing): void {
    if (!this.#output.writable) return;
    this.#output.cork();
    this.#output.write(encodeMessage(header, payload.length));
    if (payload.length > 0) this.#output.write(payload);
    this.#output.uncork();
  }

  /** Resolves when all that was sent has gone into the pipe. */
  async flushed(): Promise<void> {
    while (this.#output.writableLength > 0 && this.#output.writable) await once(this.#output, 'drain');
  }
}
