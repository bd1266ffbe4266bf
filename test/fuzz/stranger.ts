import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Finding } from './target.ts';

/** How long a stranger stays behind its last message: the server may be making something for it. */
const usualStayMs = 400;
/** How long a connection may take to open and to close. */
const connectMs = 30_000;

interface ErrorFrame {
  readonly type?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}

/** What is an answer although it says `internal_error`. */
const answers = /^(There is no (continuation )?state|The prompt could not be|No provider)/;

interface TalkOptions {
  readonly stayMs?: number;
  /** Whether the answers are a server's of ours, as it made them; default true. */
  readonly areOurs?: boolean;
}

/** Connects, sends the messages, stays a while, and goes. Throws a finding for an answer that tells of a bug. */
export async function talk(
  url: string,
  messages: readonly (string | Buffer)[],
  { stayMs = usualStayMs, areOurs = true }: TalkOptions = {},
): Promise<void> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const problems: string[] = [];
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary || !areOurs) return;
    const frame = JSON.parse(data.toString()) as ErrorFrame;
    if (frame.type === 'error' && frame.code === 'internal_error' && !answers.test(String(frame.message))) {
      problems.push(data.toString());
    }
  });
  const closed = once(socket, 'close');
  await Promise.race([once(socket, 'open'), closed, delay(connectMs)]);
  for (const message of messages) {
    if (socket.readyState !== WebSocket.OPEN) break;
    socket.send(message);
  }
  await Promise.race([closed, delay(stayMs)]);
  socket.terminate();
  await Promise.race([closed, delay(connectMs)]);
  if (problems[0] !== undefined) {
    const sent = messages.map((message) => message.toString().slice(0, 200)).join('\n  ');
    throw new Finding(`The answer tells of a bug: ${problems[0].slice(0, 1000)}\nto\n  ${sent}`);
  }
}
