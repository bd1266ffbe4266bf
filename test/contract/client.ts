import { once } from 'node:events';
import { WebSocket } from 'ws';
import { documentProblem, type Frame } from './frame-documents.ts';
import { StreamRules } from './stream-rules.ts';

export type { Frame } from './frame-documents.ts';

export type Received =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'binary'; readonly data: Buffer }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

interface ConnectOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** Where a resumed session goes on. */
  readonly rules?: StreamRules;
}

/** How long a frame that has to come may take; far above what it does take. */
const patienceMs = 25_000;

/**
 * A client of `/v1/stream`, written from the wire contract alone. Everything that comes is checked against the
 * published documents and the rules of the stream; the first thing that does not hold fails whoever waits next.
 */
export class ContractClient implements AsyncDisposable {
  readonly socket: WebSocket;
  readonly received: Received[] = [];
  readonly #rules: StreamRules;
  #cursor = 0;
  #wake: () => void = () => undefined;

  private constructor(socket: WebSocket, rules: StreamRules) {
    this.socket = socket;
    this.#rules = rules;
    socket.on('message', (data: Buffer, isBinary) => this.#take(data, isBinary));
    socket.on('close', (code, reason) => {
      this.#push({ kind: 'close', code, reason: reason.toString() });
    });
    // A close event follows, and tests look at that.
    socket.on('error', () => undefined);
  }

  static async connect(url: string, options: ConnectOptions = {}): Promise<ContractClient> {
    const address = `${url.replace(/^http/, 'ws')}/v1/stream${options.query ?? ''}`;
    const socket = new WebSocket(address, { headers: { ...options.headers }, perMessageDeflate: false });
    const client = new ContractClient(socket, options.rules ?? new StreamRules());
    await once(socket, 'open');
    return client;
  }

  /** Connects, sends `session_init_v2` with the given fields and waits until the session is active. */
  static async open(url: string, init: object = {}, options: ConnectOptions = {}): Promise<ContractClient> {
    const client = await ContractClient.connect(url, options);
    client.send({ type: 'session_init_v2', ...init });
    await client.until('ltx2_stream_start');
    return client;
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Any bytes: text for a string, binary for a buffer. */
  sendRaw(data: string | Buffer): void {
    this.socket.send(data);
  }

  prompt(prompt: string, fields: object = {}): void {
    this.send({ type: 'segment_prompt_source', prompt, ...fields });
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

  /**
   * Goes on to the next frame of that type that `where` takes. Throws when the connection closes before, or at an
   * `error` frame that was not waited for.
   */
  async until(type: string, where: (frame: Frame) => boolean = () => true): Promise<Frame> {
    for (;;) {
      const received = await this.next();
      if (received.kind === 'close') throw new Error(`${describe(received)} came before ${type}.`);
      if (received.kind !== 'frame') continue;
      if (received.frame.type === type && where(received.frame)) return received.frame;
      if (received.frame.type === 'error') throw new Error(`${describe(received)} came before ${type}.`);
    }
  }

  async untilBinary(): Promise<Buffer> {
    for (;;) {
      const received = await this.next();
      if (received.kind === 'binary') return received.data;
      if (received.kind === 'close' || received.frame.type === 'error') {
        throw new Error(`${describe(received)} came before a binary frame.`);
      }
    }
  }

  /** Goes on to the end of the connection. */
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
    const problem = this.#rules.problems.splice(0)[0];
    if (problem !== undefined) throw new Error(`Against the contract: ${problem}.\n${this.transcript()}`);
  }

  /** What came, a line each. */
  transcript(): string {
    return this.received.slice(-40).map(describe).join('\n');
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
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      timer = setTimeout(
        () => reject(new Error(`Nothing came within ${patienceMs} ms. Before that:\n${this.transcript()}`)),
        limit - Date.now(),
      );
    }).finally(() => clearTimeout(timer));
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      this.#rules.takeBinary(data);
      this.#push({ kind: 'binary', data });
      return;
    }
    const frame = JSON.parse(data.toString('utf8')) as Frame;
    const problem = documentProblem(frame);
    if (problem !== undefined) this.#rules.problems.push(`${JSON.stringify(frame)}: ${problem}`);
    this.#rules.takeFrame(frame);
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
