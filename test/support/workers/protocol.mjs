/**
 * The worker's side of docs/worker-protocol.md, written from that page alone: nothing of `src/` is used, so that both
 * sides cannot be wrong in the same way.
 */
import { Buffer } from 'node:buffer';

export function send(header, payload = Buffer.alloc(0)) {
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32BE(json.length, 0);
  prefix.writeUInt32BE(payload.length, 4);
  process.stdout.write(Buffer.concat([prefix, json, payload]));
}

/** Calls `onMessage` with the header and the payload of each message on stdin. */
export function receive(onMessage, onEnd) {
  let buffered = Buffer.alloc(0);
  process.stdin.on('data', (chunk) => {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 8) {
      const headerEnd = 8 + buffered.readUInt32BE(0);
      const end = headerEnd + buffered.readUInt32BE(4);
      if (buffered.length < end) return;
      const header = JSON.parse(buffered.toString('utf8', 8, headerEnd));
      const payload = Buffer.from(buffered.subarray(headerEnd, end));
      buffered = buffered.subarray(end);
      onMessage(header, payload);
    }
  });
  process.stdin.on('end', onEnd);
}

/** What a run may have under way, and what it has been asked to do. */
export class Run {
  asked;
  #window;
  #underWay = 0;
  #wake = () => {};

  constructor(id, window) {
    this.id = id;
    this.#window = window;
  }

  ask(what) {
    this.asked = what;
    this.#wake();
  }

  acknowledge(bytes) {
    this.#underWay -= bytes;
    this.#wake();
  }

  /** Waits until a message of that size may go; false when the run is to end. */
  async room(bytes) {
    while (!this.asked && this.#underWay > 0 && this.#underWay + bytes > this.#window) {
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
    return !this.asked;
  }

  sendMedia(header, payload) {
    this.#underWay += payload.length;
    send({ run_id: this.id, ...header }, payload);
  }
}
