import type { ClientRequest as HttpRequest, IncomingMessage } from 'node:http';
import type { createConnection, TcpNetConnectOpts } from 'node:net';
import { type ClientOptions, WebSocket } from 'ws';
import { alarm } from '../../base/async/deadline.ts';
import { errorMessage } from '../../base/errors.ts';
import { KeepAlive } from '../../base/keep-alive.ts';
import { receivingPing } from '../../base/opening/message-bytes.ts';
import { ReadGate } from '../../base/read-gate.ts';
import { type Close, closeWith } from '../wire/close-code.ts';
import type { ReplicaConnectionEnd } from '../wire/connection-end.ts';
import { type Message, messageOf } from '../wire/message.ts';
import { BufferedSender } from './buffered-sender.ts';
import { FrameSocket } from './frame-socket.ts';

export interface ReplicaConnectionOptions {
  /** `http://HOST:PORT` of the replica. */
  readonly url: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The sub-protocol that the client was given; empty: none. */
  readonly protocol: string;
  /** How long it may take to open, answer to the upgrade included. */
  readonly connectTimeoutMs: number;
  readonly maxMessageBytes: number;
  readonly bufferBytes: number;
  readonly pingIntervalMs: number;
  readonly onOpen: () => void;
  /** Gives whether the message is needed no more. */
  readonly onMessage: (message: Message) => boolean;
  readonly onSent: (bytes: number) => void;
  /** Called at each message and pong of the replica. */
  readonly onLife: () => void;
}

/** How long a replica may take to close behind a refusal, to answer a close, or to end the connection behind its own. */
export const closeLimitMs = 2000;
const refusalBytesRead = 4096;

/** The connection to one replica that carries a session, or part of one. */
export class ReplicaConnection {
  readonly gate: ReadGate;
  readonly sender: BufferedSender;
  /** Never rejects. */
  readonly ended: Promise<ReplicaConnectionEnd>;
  readonly #socket: WebSocket;
  readonly #bufferBytes: number;
  #resolveEnded: (end: ReplicaConnectionEnd) => void = () => undefined;
  #isOver = false;
  /** Called at the next sign of life that the replica gives. */
  #answered: (() => void) | undefined;

  constructor(options: ReplicaConnectionOptions) {
    const { url, target, headers, protocol, maxMessageBytes } = options;
    const onMessage = (message: Message) => {
      this.#answered?.();
      // Its answer to a ping comes behind all that it has said before.
      keepAlive.alive();
      options.onLife();
      return this.#isOver || options.onMessage(message);
    };
    const onCloseFrame = (close: Close) => this.#closed(close);
    // Over TLS `ws` reads the messages.
    const isPlain = url.startsWith('http:');
    const frames = isPlain ? new FrameSocket({ maxMessageBytes, onMessage, onCloseFrame }) : undefined;
    const wsOptions: ClientOptions & { readonly closeTimeout: number } = {
      headers: { ...headers },
      closeTimeout: closeLimitMs,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
      // What `ws` reads comes in a turn of the event loop for each message.
      allowSynchronousEvents: false,
      ...(frames ? { createConnection: connecting(frames) } : {}),
    };
    const wsUrl = `${url.replace(/^http/, 'ws')}${target}`;
    const socket = new WebSocket(wsUrl, protocol === '' ? [] : [protocol], wsOptions);
    const keepAlive = new KeepAlive(socket, options.pingIntervalMs);
    this.#socket = socket;
    this.#bufferBytes = options.bufferBytes;
    this.gate = new ReadGate(socket);
    this.sender = new BufferedSender(socket, {
      limitBytes: options.bufferBytes,
      onSent: (bytes) => {
        keepAlive.alive();
        options.onSent(bytes);
      },
    });
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
      void endOf(socket, options.connectTimeoutMs).then(resolve);
    });
    socket.on('message', (data, isBinary) => onMessage(messageOf(data, isBinary)));
    socket.on('pong', () => {
      this.#answered?.();
      options.onLife();
    });
    socket.on('close', () => this.#answered?.());
    socket.on('open', () => {
      this.#answered?.();
      options.onOpen();
      frames?.begin();
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Whether what the replica says could not be seen, or it has not been sent all that there is to answer. */
  get isDeaf(): boolean {
    return this.#socket.isPaused || this.sender.unsentBytes > 0;
  }

  /**
   * Cuts the connection off unless the replica says something within this time. While it is not read its answer could
   * not be seen, and it is left in peace.
   */
  demandSignOfLife(withinMs: number): void {
    const socket = this.#socket;
    if (this.#answered || socket.readyState > socket.OPEN || socket.isPaused) return;
    const late = () => {
      this.#answered = undefined;
      if (!socket.isPaused) socket.terminate();
    };
    const timer = alarm(withinMs, late);
    this.#answered = () => {
      this.#answered = undefined;
      timer[Symbol.dispose]();
    };
    // One that is not open yet has the upgrade to answer.
    if (this.isOpen) socket.ping();
  }

  /** Tells the replica that a message for it is coming in. */
  signReceiving(): void {
    if (this.isOpen) this.#socket.ping(receivingPing);
  }

  /**
   * Closes as the client did; a client that broke off is told as such, so that its session is kept for a resume. A
   * replica that leaves too many bytes lying would not come to the close either: it is cut off, and they are freed.
   */
  close(code: number, reason: string): void {
    this.gate.open();
    if (this.sender.unsentBytes > this.#bufferBytes) this.#socket.terminate();
    else closeWith(this.#socket, code, reason);
  }

  /** Waits for no answer. */
  cut(): void {
    this.#socket.terminate();
  }

  /** The replica has broken the protocol: what else it has sent comes to nobody. */
  fail(reason: string): void {
    this.#end({ kind: 'lost', reason });
    this.#socket.terminate();
  }

  /** The end is the close frame, not that of the connection below it, which a replica may leave open. */
  #closed(close: Close): void {
    this.#end({ kind: 'closed', ...close });
    // While nothing is read `ws` does not see the close.
    this.gate.open();
  }

  #end(end: ReplicaConnectionEnd): void {
    this.#isOver = true;
    this.#resolveEnded(end);
  }
}

/** What `ws` is given to connect with. Its `path` is the one of the request; that of `net` would be a Unix socket. */
function connecting(frames: FrameSocket): typeof createConnection {
  return (given: unknown) => {
    const { path: _, ...options } = given as TcpNetConnectOpts & { path?: string };
    return frames.connect(options);
  };
}

function endOf(socket: WebSocket, openWithinMs: number): Promise<ReplicaConnectionEnd> {
  return new Promise((resolve) => {
    let opened = false;
    let status: number | undefined;
    let reason = 'the connection was cut';
    // The time-out of `ws` begins anew with each byte of an answer.
    const late = () => {
      resolve(
        status === undefined
          ? { kind: 'unreachable', reason: `it did not open within ${openWithinMs} ms` }
          : refusal(status, unreadRefusal(status)),
      );
      socket.terminate();
    };
    const timer = alarm(openWithinMs, late);
    socket.on('open', () => {
      opened = true;
      timer[Symbol.dispose]();
    });
    socket.on('unexpected-response', (request: HttpRequest, response: IncomingMessage) => {
      status = response.statusCode ?? 0;
      const told = status;
      void refusalText(response).then((message) => {
        timer[Symbol.dispose]();
        request.destroy();
        resolve(refusal(told, message));
      });
    });
    socket.on('error', (error) => {
      reason = errorMessage(error);
      // ws tells a sub-protocol that was not agreed on as an error; the client has asked for what is not there.
      if (!opened && /subprotocol/i.test(reason)) resolve({ kind: 'refused', status: 400, message: reason });
      else if (!opened) resolve({ kind: 'unreachable', reason });
      // What breaks the protocol is not waited for to close.
      else socket.terminate();
    });
    socket.on('close', (code, text) => {
      timer[Symbol.dispose]();
      if (!opened) resolve({ kind: 'unreachable', reason });
      else if (code === 1006) resolve({ kind: 'lost', reason });
      else resolve({ kind: 'closed', code, reason: text.toString() });
    });
  });
}

function refusal(status: number, message: string): ReplicaConnectionEnd {
  if (status === 429 || status === 503) return { kind: 'busy', reason: message };
  if (status >= 400 && status < 500) return { kind: 'refused', status, message };
  return { kind: 'unreachable', reason: `HTTP ${status} to the upgrade` };
}

function unreadRefusal(status: number): string {
  return `The replica answered HTTP ${status}.`;
}

/** What the replica says why, as far as it says it as our servers do. Never rejects. */
async function refusalText(response: IncomingMessage): Promise<string> {
  const fallback = unreadRefusal(response.statusCode ?? 0);
  let body = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      body += String(chunk);
      if (body.length > refusalBytesRead) return fallback;
    }
    const parsed: unknown = JSON.parse(body);
    const told = typeof parsed === 'object' && parsed !== null && 'message' in parsed && parsed.message;
    return typeof told === 'string' ? told : fallback;
  } catch {
    return fallback;
  }
}
