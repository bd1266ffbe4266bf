import { once } from 'node:events';
import WebSocket from 'ws';
import { FirstMedia } from './first-media.ts';

export interface SegmentTimes {
  /** Milliseconds from sending the prompt to the first bytes of an `mdat`, in which pictures and sound lie. */
  readonly firstMediaMs: number;
  /** Milliseconds from sending the prompt to `ltx2_segment_complete`. */
  readonly completeMs: number;
  readonly bytes: number;
}

interface Frame {
  readonly type: string;
  readonly code?: string;
  readonly message?: string;
}

/**
 * A client that does no more than the benchmarks need, for our servers and FastVideo's own. Compression is not offered:
 * FastVideo's server would deflate the video, which costs it time and saves nothing.
 */
export class NativeClient {
  readonly #socket: WebSocket;
  #lastMessageAt = performance.now();
  #fail: (error: Error) => void = () => {};
  #onFrame: (frame: Frame) => void = () => {};
  #onBinary: (data: Buffer) => void = () => {};

  static async connect(url: string): Promise<NativeClient> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`, { perMessageDeflate: false });
    await once(socket, 'open');
    const client = new NativeClient(socket);
    await client.#open();
    return client;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      this.#lastMessageAt = performance.now();
      if (isBinary) this.#onBinary(data);
      else this.#onFrame(JSON.parse(data.toString('utf8')) as Frame);
    });
    socket.on('close', () => this.#fail(new Error('The server closed the connection.')));
  }

  /** When the server last said something, as `performance.now()` counts. */
  get lastMessageAt(): number {
    return this.#lastMessageAt;
  }

  async segment(prompt: string): Promise<SegmentTimes> {
    const startedAt = performance.now();
    const media = new FirstMedia();
    let bytes = 0;
    let firstMediaMs: number | undefined;
    await this.#until('ltx2_segment_complete', { type: 'segment_prompt_source', prompt }, (data) => {
      bytes += data.length;
      media.push(data);
      if (media.isThere) firstMediaMs ??= performance.now() - startedAt;
    });
    const completeMs = performance.now() - startedAt;
    if (firstMediaMs === undefined) throw new Error('The segment came without media.');
    if (!media.isWhole) throw new Error('The segment ended within a box.');
    return { firstMediaMs, completeMs, bytes };
  }

  async close(): Promise<void> {
    this.#fail = () => {};
    this.#onFrame = () => {};
    const closed = once(this.#socket, 'close');
    this.#socket.send(JSON.stringify({ type: 'leave' }));
    // FastVideo's server does not know `leave`.
    this.#socket.close();
    await closed;
  }

  /** Breaks the connection off; a segment that is under way is rejected. */
  terminate(): void {
    this.#socket.terminate();
  }

  async #open(): Promise<void> {
    await this.#until('ltx2_stream_start', { type: 'session_init_v2' });
  }

  /** Sends a message and resolves with the frame that ends what it starts. Rejects with an `error` frame's words. */
  async #until(type: string, message: object, onBinary: (data: Buffer) => void = () => {}): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#fail = reject;
      this.#onBinary = (data) => {
        try {
          onBinary(data);
        } catch (error) {
          reject(error);
        }
      };
      this.#onFrame = (frame) => {
        if (frame.type === 'error') reject(new Error(`${frame.code}: ${frame.message}`));
        else if (frame.type === type) resolve();
      };
      this.#lastMessageAt = performance.now();
      this.#socket.send(JSON.stringify(message));
    });
  }
}
