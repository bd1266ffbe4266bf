import { once } from 'node:events';
import WebSocket from 'ws';

export interface SegmentTimes {
  /** Milliseconds from sending the prompt to the first media fragment (the init segment not counted). */
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

/** A client that does no more than the benchmarks need. */
export class NativeClient {
  readonly #socket: WebSocket;
  #onFrame: (frame: Frame) => void = () => {};
  #onBinary: (bytes: number) => void = () => {};

  static async connect(url: string): Promise<NativeClient> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`);
    await once(socket, 'open');
    const client = new NativeClient(socket);
    await client.#open();
    return client;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.#onBinary(data.length);
      else this.#onFrame(JSON.parse(data.toString('utf8')) as Frame);
    });
  }

  async segment(prompt: string): Promise<SegmentTimes> {
    const startedAt = performance.now();
    let binaryFrames = 0;
    let bytes = 0;
    let firstMediaMs = 0;
    return await new Promise((resolve, reject) => {
      this.#socket.once('close', () => reject(new Error('The server closed the connection.')));
      this.#onBinary = (length) => {
        binaryFrames += 1;
        bytes += length;
        if (binaryFrames === 2) firstMediaMs = performance.now() - startedAt;
      };
      this.#onFrame = (frame) => {
        if (frame.type === 'error') reject(new Error(`${frame.code}: ${frame.message}`));
        if (frame.type !== 'ltx2_segment_complete') return;
        this.#socket.removeAllListeners('close');
        resolve({ firstMediaMs, completeMs: performance.now() - startedAt, bytes });
      };
      this.#socket.send(JSON.stringify({ type: 'segment_prompt_source', prompt }));
    });
  }

  async close(): Promise<void> {
    this.#socket.removeAllListeners('close');
    this.#socket.send(JSON.stringify({ type: 'leave' }));
    await once(this.#socket, 'close');
  }

  async #open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#onFrame = (frame) => {
        if (frame.type === 'error') reject(new Error(`${frame.code}: ${frame.message}`));
        if (frame.type === 'ltx2_stream_start') resolve();
      };
      this.#socket.send(JSON.stringify({ type: 'session_init_v2' }));
    });
  }
}
