import { z } from 'zod';
import type { Message } from '../relay/message.ts';

const CheckpointSchema = z.looseObject({
  seen: z.int().min(0),
  pending: z.array(z.int()).optional(),
  frames: z.int().min(0),
  set: z.record(z.string(), z.unknown()),
});

/** Which messages of the client are in the checkpoint: the first `seen`, but for `pending`. */
export interface Acknowledgement {
  readonly seen: number;
  readonly pending: readonly number[];
}

interface Coming extends Acknowledgement {
  /** Frames that it still waits for. */
  frames: number;
  readonly set: readonly (readonly [string, string])[];
  /** Whether it says that no segment is being made. */
  readonly idle: boolean;
}

/**
 * All that a session is, as its replica has told it last. A checkpoint counts when the frames that tell the client of
 * it have come too; until then they are held, so that the client never knows more than the session.
 */
export class SessionLedger {
  readonly #limitBytes: number;
  /** JSON of each member, by its name. */
  readonly #members = new Map<string, string>();
  #bytes = 0;
  #coming: Coming[] = [];
  #tooLarge = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Whether another replica could open the session. */
  get complete(): boolean {
    return this.#members.size > 0 && !this.#tooLarge;
  }

  /** Whether the replica tells what the session is, and it is not more than may be kept. */
  get isTold(): boolean {
    return (this.#members.size > 0 || this.#coming.length > 0) && !this.#tooLarge;
  }

  /** Whether the session was given up because it is more than may be kept. */
  get isTooLarge(): boolean {
    return this.#tooLarge;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a checkpoint has come and not all of its frames. */
  get waitsForFrames(): boolean {
    return this.#coming.length > 0;
  }

  /** Takes a `session_checkpoint`; what is none changes nothing. Gives what counts from now on, if anything does. */
  take({ data }: Message): readonly Acknowledged[] {
    const parsed = CheckpointSchema.safeParse(parseJson(data));
    if (!parsed.success) return [];
    const { seen, pending = [], frames, set } = parsed.data;
    const idle = 'current' in set && set['current'] === null;
    const members = Object.entries(set).map(([name, value]) => [name, JSON.stringify(value)] as const);
    this.#coming.push({ seen, pending, frames, set: members, idle });
    return this.#settle();
  }

  /** A text frame of the replica, other than a checkpoint, has come. */
  frameCame(): readonly Acknowledged[] {
    if (this.#coming.length === 0) return [];
    for (const coming of this.#coming) coming.frames -= 1;
    return this.#settle();
  }

  /** The session is more than may be kept: it cannot be moved. */
  giveUp(): void {
    this.#tooLarge = true;
    this.#members.clear();
    this.#bytes = 0;
    this.#coming = [];
  }

  /** The connection has ended: what was still coming never does. */
  legEnded(): void {
    this.#coming = [];
  }

  /** The JSON of one member; undefined where the replica tells of none. */
  member(name: string): string | undefined {
    return this.#members.get(name);
  }

  /** The members as one JSON object. */
  toJson(): string {
    return `{${[...this.#members].map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
  }

  #settle(): readonly Acknowledged[] {
    const settled: Acknowledged[] = [];
    for (let first = this.#coming[0]; first && first.frames <= 0; first = this.#coming[0]) {
      this.#coming.shift();
      for (const [name, json] of first.set) this.#set(name, json);
      if (this.#tooLarge) break;
      settled.push({ seen: first.seen, pending: first.pending, idle: first.idle });
    }
    return settled;
  }

  #set(name: string, json: string): void {
    if (this.#tooLarge) return;
    this.#bytes += json.length - (this.#members.get(name)?.length ?? 0);
    this.#members.set(name, json);
    if (this.#bytes <= this.#limitBytes) return;
    this.giveUp();
  }
}

export interface Acknowledged extends Acknowledgement {
  /** No segment is being made. */
  readonly idle: boolean;
}

function parseJson(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    return undefined;
  }
}
