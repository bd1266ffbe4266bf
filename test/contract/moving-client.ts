import { once } from 'node:events';
import { WebSocket } from 'ws';
import { mediaEnd } from '../../src/core/media/mp4/media-end.ts';
import { type Close, FrameCursor } from './frame-cursor.ts';
import type { Frame } from './frame-documents.ts';
import { quickFrames } from './servers.ts';

/** What another replica is told that the client has; the members are those of the published schema. */
interface AlreadySent {
  segment_idx: number;
  started: boolean;
  steps: number;
  init: boolean;
  chunks: number;
  bytes: number;
  frames: number;
  audio_end: number | null;
  media_complete: boolean;
}

interface Checkpoint extends Frame {
  readonly seen: number;
  readonly pending?: readonly number[];
  readonly frames: number;
  readonly set: Readonly<Record<string, unknown>>;
}

interface Sent {
  number: number;
  readonly frame: object;
}

export interface Moves {
  readonly path: '/v1/stream' | '/ws';
  readonly init?: object;
  /** Cuts the connection behind this many messages of each connection in turn; when it is used up, never again. */
  readonly cuts?: readonly number[];
  /** Where the next connection goes, once the one before is cut. */
  readonly next: () => Promise<string> | string;
}

const opening = ['queue_status', 'gpu_assigned'];

/**
 * A client behind a router, both in one: it moves the session from replica to replica with the checkpoints that it is
 * told, and keeps what a client would have got.
 */
export class MovingClient implements AsyncDisposable {
  /** What the client was passed on, over all connections. */
  readonly frames: Frame[] = [];
  /** Binary messages behind each `media_init`. */
  readonly media: Buffer[][] = [];
  /** Messages of each connection. */
  readonly counts: number[] = [];
  readonly checkpoints: Checkpoint[] = [];
  /** The merged members. */
  members: Record<string, unknown> = {};
  readonly #moves: Moves;
  readonly #cuts: number[];
  #socket: WebSocket | undefined;
  #leg = 0;
  /** What no replica is known to have worked on. */
  #script: Sent[] = [];
  /** Messages on this connection, the opening not counted. */
  #numbers = 0;
  #opened = false;
  #over = false;
  #sent: AlreadySent | undefined;
  #soundWaits = false;
  #initIsNext = false;
  /** A checkpoint and the frames that it waits for. */
  #held: { readonly checkpoint: Checkpoint; readonly frames: Frame[] } | undefined;
  readonly #cursor = new FrameCursor();

  private constructor(moves: Moves) {
    this.#moves = moves;
    this.#cuts = [...(moves.cuts ?? [])];
  }

  static async open(moves: Moves): Promise<MovingClient> {
    const client = new MovingClient(moves);
    await client.#connect();
    return client;
  }

  get alreadySent(): Readonly<AlreadySent> | undefined {
    return this.#sent;
  }

  /** Whether the last segment was gone on with when all of its frames had come: what it lacks of its sound waits. */
  get soundWaits(): boolean {
    return this.#soundWaits;
  }

  /** How often it has moved. */
  get moved(): number {
    return this.#leg - 1;
  }

  /** Cuts the connection now, and goes on elsewhere. */
  move(): void {
    this.#socket?.removeAllListeners('message');
    this.#socket?.removeAllListeners('close');
    this.#socket?.terminate();
    this.#socket = undefined;
    this.#held = undefined;
    this.#initIsNext = false;
    this.#opened = false;
    this.#connect().catch((error: Error) => this.#cursor.fail(error));
  }

  send(frame: object): void {
    this.#numbers += 1;
    this.#script.push({ number: this.#numbers, frame });
    if (this.#opened) this.#socket?.send(JSON.stringify(frame));
  }

  /** Goes on to the next frame of that type, past errors too. */
  async until(type: string, where: (frame: Frame) => boolean = () => true): Promise<Frame> {
    for (;;) {
      const received = await this.#cursor.next();
      if (received.kind === 'close') {
        throw new Error(`The connection closed before ${type}:\n${this.#cursor.transcript()}`);
      }
      if (received.kind === 'binary') continue;
      if (received.frame.type === type && where(received.frame)) return received.frame;
    }
  }

  async untilClosed(): Promise<Omit<Close, 'kind'>> {
    const { code, reason } = await this.#cursor.close();
    return { code, reason };
  }

  /** One film of all that came: the first initialization segment and all media. */
  film(): Buffer {
    const [first] = this.media;
    return Buffer.concat([...(first?.slice(0, 1) ?? []), ...this.media.flatMap(([, ...rest]) => rest)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    const socket = this.#socket;
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    const closed = once(socket, 'close');
    socket.terminate();
    await closed;
  }

  async #connect(): Promise<void> {
    this.#leg += 1;
    this.counts.push(0);
    const leg = this.#leg;
    const cut = this.#cuts.shift();
    const url = await this.#moves.next();
    if (this.#over) return;
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}${this.#moves.path}`, {
      perMessageDeflate: false,
    });
    this.#socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      if (leg !== this.#leg) return;
      const count = (this.counts[leg - 1] ?? 0) + 1;
      this.counts[leg - 1] = count;
      this.#take(data, isBinary);
      if (count === cut) this.move();
    });
    socket.on('close', (code, reason) => {
      if (leg !== this.#leg) return;
      this.#cursor.push({ kind: 'close', code, reason: reason.toString() });
    });
    // A close event follows.
    socket.on('error', () => undefined);
    await once(socket, 'open');
    if (leg !== this.#leg) return;
    const restored = Object.keys(this.members).length > 0;
    if (restored) this.#soundWaits = this.#sent?.frames === quickFrames;
    const init = {
      type: 'session_init_v2',
      ...this.#moves.init,
      checkpoints: true,
      ...(restored ? { checkpoint: this.members } : {}),
      ...(restored && this.#sent ? { already_sent: this.#sent } : {}),
    };
    socket.send(JSON.stringify(init));
    for (const [index, sent] of this.#script.entries()) {
      sent.number = index + 1;
      socket.send(JSON.stringify(sent.frame));
    }
    this.#numbers = this.#script.length;
    this.#opened = true;
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      this.#takeBinary(data);
      return;
    }
    const frame = JSON.parse(data.toString('utf8')) as Frame;
    if (frame.type === 'session_checkpoint') {
      if (this.#held) this.#cursor.fail(new Error('A checkpoint came within the frames of another.'));
      const checkpoint = frame as Checkpoint;
      this.checkpoints.push(checkpoint);
      this.#held = { checkpoint, frames: [] };
    } else if (this.#held) {
      this.#held.frames.push(frame);
    } else {
      this.#pass(frame);
    }
    if (!this.#held || this.#held.frames.length < this.#held.checkpoint.frames) return;
    const { checkpoint, frames } = this.#held;
    this.#held = undefined;
    for (const told of frames) this.#pass(told);
    Object.assign(this.members, checkpoint.set);
    if (checkpoint.set['current'] === null) this.#sent = undefined;
    const { seen, pending = [] } = checkpoint;
    this.#script = this.#script.filter(({ number }) => number > seen || pending.includes(number));
  }

  #pass(frame: Frame): void {
    const once = this.#moves.path === '/v1/stream' ? [...opening, 'ltx2_stream_start'] : opening;
    if (this.#leg > 1 && once.includes(frame.type) && this.#had(frame.type)) return;
    this.#note(frame);
    this.frames.push(frame);
    this.#cursor.push({ kind: 'frame', frame });
  }

  #had(type: string): boolean {
    return this.frames.some((frame) => frame.type === type);
  }

  #note(frame: Frame): void {
    const { type, segment_idx: segmentIdx } = frame;
    if (['ltx2_segment_complete', 'segment_cancelled'].includes(type)) {
      this.#sent = undefined;
    } else if (['ltx2_segment_start', 'segment_prompt_source'].includes(type)) {
      this.#soundWaits = false;
      this.#sent = { ...nothingOf(Number(segmentIdx)), started: type === 'ltx2_segment_start' };
    } else if (this.#sent && type === 'step_complete' && 'step' in frame) {
      this.#sent.steps = Number(frame['step']);
    } else if (this.#sent && type === 'media_init') {
      this.#sent.init = true;
      this.#initIsNext = true;
    } else if (this.#sent && type === 'media_segment_complete') {
      this.#sent.media_complete = true;
    } else if (this.#sent && type === 'frame_batch') {
      this.#sent.frames += (frame['frames'] as string[]).length;
    }
  }

  #takeBinary(data: Buffer): void {
    if (this.#initIsNext) {
      this.#initIsNext = false;
      this.media.push([data]);
      return;
    }
    this.media.at(-1)?.push(data);
    if (!this.#sent) {
      this.#cursor.fail(new Error('Media came outside of a segment.'));
      return;
    }
    const end = mediaEnd(data);
    this.#sent.chunks += 1;
    this.#sent.bytes += data.length;
    this.#sent.frames += end?.frames ?? 0;
    this.#sent.audio_end = end?.audioEnd ?? this.#sent.audio_end;
  }
}

function nothingOf(segment_idx: number): AlreadySent {
  return {
    segment_idx,
    started: false,
    steps: 0,
    init: false,
    chunks: 0,
    bytes: 0,
    frames: 0,
    audio_end: null,
    media_complete: false,
  };
}
