import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { WebSocket } from 'ws';
import { ProjectServerFrameSchema } from '../../../src/core/protocol/project/server-frames.ts';
import type { Received } from '../client.ts';
import type { Frame } from '../frame-documents.ts';
import { ProjectRules } from './project-rules.ts';

/** How long a frame that has to come may take; far above what it does take. */
const patienceMs = 25_000;

/**
 * A client of `/ws`, written from the wire contract alone. Everything that comes is checked against the schema, to
 * which no field may be added, and the rules of the stream; the first thing that does not hold fails whoever waits next.
 */
export class ProjectClient implements AsyncDisposable {
  readonly socket: WebSocket;
  readonly received: Received[] = [];
  readonly rules = new ProjectRules();
  #cursor = 0;
  #wake: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary) => this.#take(data, isBinary));
    socket.on('close', (code, reason) => this.#push({ kind: 'close', code, reason: reason.toString() }));
    // A close event follows, and tests look at that.
    socket.on('error', () => undefined);
  }

  static async connect(url: string): Promise<ProjectClient> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws`, { perMessageDeflate: false });
    const client = new ProjectClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** Connects and sends `session_init_v2` with the given fields. */
  static async open(url: string, init: object = {}): Promise<ProjectClient> {
    const client = await ProjectClient.connect(url);
    client.send({ type: 'session_init_v2', ...init });
    return client;
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** The next thing that came or comes. */
  async next(): Promise<Received> {
    const limit = Date.now() + patienceMs;
    for (;;) {
      this.assertRules();
      const received = this.received[this.#cursor];
      if (received !== undefined) {
        this.#cursor += 1;
        return received;
      }
      await this.#more(limit);
    }
  }

  /** The next text frame; throws when anything else comes first. */
  async frame(): Promise<Frame> {
    const received = await this.next();
    if (received.kind === 'frame') return received.frame;
    throw new Error(`Expected a text frame, got ${describe(received)}.`);
  }

  /** The next text frames. */
  async take(count: number): Promise<Frame[]> {
    const frames: Frame[] = [];
    while (frames.length < count) frames.push(await this.frame());
    return frames;
  }

  /** Goes on to the next frame of that type; throws at a close, and at an `error` that was not waited for. */
  async until(type: string, where: (frame: Frame) => boolean = () => true): Promise<Frame> {
    for (;;) {
      const received = await this.next();
      if (received.kind === 'close') throw new Error(`${describe(received)} came before ${type}.`);
      if (received.kind !== 'frame') continue;
      if (received.frame.type === type && where(received.frame)) return received.frame;
      if (received.frame.type === 'error') throw new Error(`${describe(received)} came before ${type}.`);
    }
  }

  /** Goes on to the end of the next segment; gives its `ltx2_segment_start`. */
  async segment(): Promise<Frame> {
    const start = await this.until('ltx2_segment_start');
    await this.until('ltx2_segment_complete');
    return start;
  }

  async close(): Promise<Extract<Received, { kind: 'close' }>> {
    for (;;) {
      const received = await this.next();
      if (received.kind === 'close') return received;
    }
  }

  /** Every frame of the type that has come so far, read or not. */
  frames(type: string): Frame[] {
    return this.received.flatMap((one) =>
      one.kind === 'frame' && one.frame.type === type ? [one.frame] : [],
    );
  }

  assertRules(): void {
    // Told once: the wait that failed throws it, not the disposal after it too.
    const problem = this.rules.problems.splice(0)[0];
    if (problem === undefined) return;
    const transcript = this.received.slice(-40).map(describe).join('\n');
    throw new Error(`Against the contract: ${problem}.\n${transcript}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.readyState !== WebSocket.CLOSED) {
      const closed = once(this.socket, 'close');
      this.socket.terminate();
      await closed;
    }
    this.assertRules();
  }

  async #more(limit: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = () =>
      new Error(
        `Nothing came within ${patienceMs} ms after\n${this.received.slice(-20).map(describe).join('\n')}`,
      );
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      timer = setTimeout(() => reject(late()), limit - Date.now());
    }).finally(() => clearTimeout(timer));
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      this.rules.takeBinary(data);
      this.#push({ kind: 'binary', data });
      return;
    }
    const frame = JSON.parse(data.toString('utf8')) as Frame;
    const parsed = ProjectServerFrameSchema.safeParse(frame);
    // The schema drops what it does not know.
    if (!parsed.success) this.rules.problems.push(`${data}: ${parsed.error.message}`);
    else if (!isDeepStrictEqual(parsed.data, frame)) this.rules.problems.push(`${data}: has unknown fields`);
    this.rules.takeFrame(frame);
    this.#push({ kind: 'frame', frame });
  }

  #push(received: Received): void {
    this.received.push(received);
    this.#wake();
  }
}

function describe(received: Received): string {
  if (received.kind === 'frame') return JSON.stringify(received.frame).slice(0, 300);
  if (received.kind === 'binary') return `(binary, ${received.data.length} bytes)`;
  return `close ${received.code} "${received.reason}"`;
}
