import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { ServerFrame } from '../../../src/client/frames.ts';

/** One connection, seen from the server. */
export interface Peer {
  /** The next text frame of the client. */
  receive(): Promise<Record<string, unknown>>;
  send(...messages: readonly (ServerFrame | Uint8Array | string)[]): void;
  close(code?: number): void;
  /** Cuts the connection without a close frame. */
  cut(): void;
}

/** A WebSocket server on a free port whose connections a test steers by hand. */
export class ScriptedServer implements AsyncDisposable {
  readonly #server: WebSocketServer;
  readonly #peers = new Mailbox<Peer>();

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket) => this.#peers.put(peerOf(socket)));
  }

  static async start(): Promise<ScriptedServer> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    return new ScriptedServer(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/stream`;
  }

  /** The next connection. */
  accept(): Promise<Peer> {
    return this.#peers.take();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}

/** What arrives before it is asked for waits, and the other way round. */
class Mailbox<Item> {
  readonly #items: Item[] = [];
  readonly #takers: ((item: Item) => void)[] = [];

  put(item: Item): void {
    const taker = this.#takers.shift();
    if (taker) taker(item);
    else this.#items.push(item);
  }

  take(): Promise<Item> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => this.#takers.push(resolve));
  }
}

function peerOf(socket: WebSocket): Peer {
  const frames = new Mailbox<Record<string, unknown>>();
  socket.on('message', (data: RawData) => frames.put(JSON.parse(String(data)) as Record<string, unknown>));
  return {
    receive: () => frames.take(),
    send: (...messages) => {
      for (const message of messages) {
        const raw = typeof message === 'string' || message instanceof Uint8Array;
        socket.send(raw ? message : JSON.stringify(message));
      }
    },
    close: (code = 1000) => socket.close(code),
    cut: () => socket.terminate(),
  };
}
