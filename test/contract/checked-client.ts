import { once } from 'node:events';
import { WebSocket } from 'ws';
import { FrameCursor, type Received } from './frame-cursor.ts';
import type { Frame } from './frame-documents.ts';

/** The order and the sums that a dialect asks for, watched over one whole connection. */
export interface Rules {
  /** What did not hold so far. */
  readonly problems: string[];
  takeFrame(frame: Frame): void;
  takeBinary(data: Buffer): void;
}

/** Takes a message into the rules, which learn of each thing that does not hold. */
export function checked(
  rules: Rules,
  problemOf: (frame: Frame) => string | undefined,
  data: Buffer,
  isBinary: boolean,
): Received {
  if (isBinary) {
    rules.takeBinary(data);
    return { kind: 'binary', data };
  }
  const frame = JSON.parse(data.toString('utf8')) as Frame;
  const problem = problemOf(frame);
  if (problem !== undefined) rules.problems.push(`${JSON.stringify(frame)}: ${problem}`);
  rules.takeFrame(frame);
  return { kind: 'frame', frame };
}

/**
 * A client of one dialect, written from the wire contract alone. Everything that comes is checked against the published
 * documents and the rules of the stream; the first thing that does not hold fails whoever waits next.
 */
export abstract class CheckedClient<DialectRules extends Rules>
  extends FrameCursor
  implements AsyncDisposable
{
  readonly socket: WebSocket;
  readonly rules: DialectRules;

  protected constructor(socket: WebSocket, rules: DialectRules) {
    super(() => this.assertRules());
    this.socket = socket;
    this.rules = rules;
    socket.on('message', (data: Buffer, isBinary) =>
      this.push(checked(rules, (frame) => this.problemOf(frame), data, isBinary)),
    );
    socket.on('close', (code, reason) => this.push({ kind: 'close', code, reason: reason.toString() }));
    // A close event follows, and tests look at that.
    socket.on('error', () => undefined);
  }

  /** What the published schema says against a text frame; undefined when it holds. */
  protected abstract problemOf(frame: Frame): string | undefined;

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Any bytes: text for a string, binary for a buffer. */
  sendRaw(data: string | Buffer): void {
    this.socket.send(data);
  }

  assertRules(): void {
    // Told once: the wait that failed throws it, not the disposal after it too.
    const problem = this.rules.problems.splice(0)[0];
    if (problem !== undefined) throw new Error(`Against the contract: ${problem}.\n${this.transcript()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.readyState !== WebSocket.CLOSED) {
      const closed = once(this.socket, 'close');
      this.socket.terminate();
      await closed;
    }
    this.assertRules();
  }
}
