import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { SegmentRequest } from '../../src/client/segment-entry.ts';
import { Session } from '../../src/client/session.ts';
import type { SessionOptions } from '../../src/client/session-options.ts';
import { waitFor } from '../support/wait-for.ts';
import { checked } from './checked-client.ts';
import { documentProblem } from './frame-documents.ts';
import { StreamRules } from './stream-rules.ts';

/** The media of a segment as `generate` gives it. */
export interface LibrarySegment {
  readonly init: Buffer;
  readonly media: readonly Buffer[];
}

/**
 * A session of the client library. All that comes over its connections is checked against the published documents and
 * the rules of the stream, as with the other clients here.
 */
export class LibrarySession implements AsyncDisposable {
  readonly session: Session;
  /** How each session began. */
  readonly begun: string[] = [];
  readonly #problems: string[] = [];
  #rules = new StreamRules();
  #socket: WebSocket | undefined;

  constructor(url: string, options: Partial<SessionOptions> = {}) {
    this.session = new Session({ url, createWebSocket: (address) => this.#open(address), ...options });
    this.session.subscribe((event) => {
      if (event.type === 'session') this.begun.push(event.how);
      if (event.type === 'ignored') this.#problems.push(event.problem);
      if (event.type !== 'connecting') return;
      this.#takeProblems();
      this.#rules = new StreamRules(event.how === 'resume' ? this.#rules.reached : undefined);
    });
  }

  /** Opens the session, and waits until it takes requests. */
  async active(): Promise<void> {
    this.session.connect();
    await waitFor('an active session', () => this.session.status.phase === 'active');
  }

  /** Asks for a segment and reads it. */
  async make(request: string | SegmentRequest): Promise<LibrarySegment> {
    let init: Buffer | undefined;
    const media: Buffer[] = [];
    for await (const event of this.session.generate(request)) {
      if (event.type === 'init') init = Buffer.from(event.data);
      if (event.type === 'media') media.push(Buffer.from(event.data));
    }
    if (!init) throw new Error('The segment had no initialization segment.');
    return { init, media };
  }

  /** Cuts the connection without a close frame. */
  cut(): void {
    this.#socket?.terminate();
  }

  /** Throws the first thing that did not hold. */
  assertRules(): void {
    this.#takeProblems();
    const problem = this.#problems.splice(0)[0];
    if (problem !== undefined) throw new Error(`Against the contract: ${problem}.`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close();
    const socket = this.#socket;
    if (socket && socket.readyState !== WebSocket.CLOSED) {
      const closed = once(socket, 'close');
      socket.terminate();
      await closed;
    }
    this.assertRules();
  }

  #open(address: string): WebSocket {
    const socket = new WebSocket(address, { perMessageDeflate: false });
    const rules = this.#rules;
    this.#socket = socket;
    // Binary messages are array buffers, as the library wants them.
    socket.on('message', (data: Buffer | ArrayBuffer, isBinary) => {
      const bytes = data instanceof ArrayBuffer ? Buffer.from(data) : data;
      checked(rules, documentProblem, bytes, isBinary);
    });
    return socket;
  }

  #takeProblems(): void {
    this.#problems.push(...this.#rules.problems.splice(0));
  }
}
