import { z } from 'zod';
import { parseJson } from '../../base/json.ts';
import { exceedsJsonBounds } from '../../base/json-bounds.ts';
import { sessionCheckpointFields } from '../../protocol/checkpoint.ts';
import type { Message } from '../wire/message.ts';

const CheckpointSchema = z.looseObject(sessionCheckpointFields);

/** Which messages of the client are in the checkpoint: the first `seen`, but for `pending`. */
export interface Acknowledgement {
  readonly seen: number;
  readonly pending: readonly number[];
}

interface Coming extends Acknowledgement {
  /** Frames that it still waits for. */
  frames: number;
  readonly set: readonly (readonly [string, Buffer])[];
  /** Whether it says that no segment is being made. */
  readonly idle: boolean;
  readonly bytes: number;
}

/** What a member, or a checkpoint, takes besides its text. */
const overheadBytes = 64;
const bytesPerNumber = 8;

/**
 * All that a session is, as its replica has told it last. A checkpoint counts when the frames that tell the client of
 * it have come too; until then they are held, so that the client never knows more than the session.
 */
export class CheckpointCache {
  readonly #limitBytes: number;
  /** JSON of each member, by its name. */
  readonly #members = new Map<string, Buffer>();
  #bytes = 0;
  #coming: Coming[] = [];
  #closed = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Whether another replica could open the session. */
  get complete(): boolean {
    return this.#members.size > 0;
  }

  /** Whether the replica tells what the session is. */
  get isTold(): boolean {
    return this.#members.size > 0 || this.#coming.length > 0;
  }

  /** Whether the session was given up. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** What is kept, and what is still coming. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a checkpoint has come and not all of its frames. */
  get waitsForFrames(): boolean {
    return this.#coming.length > 0;
  }

  /**
   * Takes a `session_checkpoint`; one that is more than may be kept, or read, ends the cache. Gives what counts from
   * now on, if anything does; undefined when it is none: the replica breaks the protocol.
   */
  take({ data }: Message): readonly Acknowledged[] | undefined {
    if (this.#closed) return [];
    const json = data.length > this.#limitBytes ? undefined : data.toString();
    if (json === undefined || exceedsJsonBounds(json)) {
      this.close();
      return [];
    }
    const parsed = CheckpointSchema.safeParse(parseJson(json));
    if (!parsed.success) return undefined;
    const { seen, pending = [], frames, set } = parsed.data;
    const idle = 'current' in set && set['current'] === null;
    const members = Object.entries(set).map(
      ([name, value]) => [name, exactBytes(JSON.stringify(value))] as const,
    );
    const bytes = members.reduce(
      (sum, [name, json]) => sum + sizeOf(name, json),
      overheadBytes + bytesPerNumber * pending.length,
    );
    this.#coming.push({ seen, pending, frames, set: members, idle, bytes });
    this.#bytes += bytes;
    const settled = this.#settle();
    if (this.#bytes > this.#limitBytes) this.close();
    return settled;
  }

  /** A text frame of the replica, other than a checkpoint, has come. */
  frameCame(): readonly Acknowledged[] {
    if (this.#coming.length === 0) return [];
    for (const coming of this.#coming) coming.frames -= 1;
    return this.#settle();
  }

  /** The connection has ended: what was still coming never does. */
  connectionEnded(): void {
    for (const { bytes } of this.#coming) this.#bytes -= bytes;
    this.#coming = [];
  }

  /** Nothing is kept from here on. */
  close(): void {
    this.#closed = true;
    this.#members.clear();
    this.#coming = [];
    this.#bytes = 0;
  }

  /** The JSON of one member; undefined where the replica tells of none. */
  member(name: string): string | undefined {
    return this.#members.get(name)?.toString();
  }

  /** The members as one JSON object. */
  toJson(): string {
    return `{${[...this.#members].map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
  }

  #settle(): readonly Acknowledged[] {
    const settled: Acknowledged[] = [];
    for (let first = this.#coming[0]; first && first.frames <= 0; first = this.#coming[0]) {
      this.#coming.shift();
      this.#bytes -= first.bytes;
      for (const [name, json] of first.set) this.#set(name, json);
      settled.push({ seen: first.seen, pending: first.pending, idle: first.idle });
    }
    return settled;
  }

  #set(name: string, json: Buffer): void {
    const before = this.#members.get(name);
    this.#bytes += sizeOf(name, json) - (before === undefined ? 0 : sizeOf(name, before));
    this.#members.set(name, json);
  }
}

function sizeOf(name: string, json: Buffer): number {
  return overheadBytes + Buffer.byteLength(name) + json.length;
}

/** In memory of its own: as much of it as there are bytes. */
function exactBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

export interface Acknowledged extends Acknowledgement {
  /** No segment is being made. */
  readonly idle: boolean;
}
