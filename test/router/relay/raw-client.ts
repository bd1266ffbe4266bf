import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import { waitFor } from '../../support/wait-for.ts';

interface RawOptions extends ClientOptions {
  readonly path?: string;
  readonly protocols?: readonly string[];
  /** Sent when it is open. */
  readonly first?: string;
}

/** A client that knows nothing of the dialect: what came, in order, and how it closed. */
export class RawClient implements AsyncDisposable {
  readonly socket: WebSocket;
  /** Text as text, binary as a buffer. */
  readonly received: (string | Buffer)[] = [];
  ended: { readonly code: number; readonly reason: string } | undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary) => this.received.push(isBinary ? data : data.toString()));
    socket.on('close', (code, reason) => {
      this.ended = { code, reason: reason.toString() };
    });
    socket.on('error', () => undefined);
  }

  static async connect(url: string, options: RawOptions = {}): Promise<RawClient> {
    const { path = '/v1/stream', protocols = [], first, ...rest } = options;
    const client = new RawClient(new WebSocket(`${url.replace('http', 'ws')}${path}`, [...protocols], rest));
    await once(client.socket, 'open');
    if (first !== undefined) client.socket.send(first);
    return client;
  }

  /** Types of the text frames so far. */
  types(): unknown[] {
    return this.received.flatMap((one) =>
      typeof one === 'string' ? [(JSON.parse(one) as { type: unknown }).type] : [],
    );
  }

  async gets(count: number): Promise<readonly (string | Buffer)[]> {
    await waitFor(`${count} messages`, () => this.received.length >= count);
    return this.received;
  }

  async closed(): Promise<{ readonly code: number; readonly reason: string }> {
    await waitFor('close', () => this.ended !== undefined);
    return this.ended ?? { code: 0, reason: '' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
    await this.closed();
  }
}
