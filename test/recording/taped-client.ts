import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Frame } from '../contract/client.ts';

/** What came on one connection: text frames as text, binary messages as bytes. */
export type Message = string | Buffer;

/** A client that keeps all that comes, in order, and says what it is told to say when a frame of a type has come. */
export interface Tape {
  readonly messages: readonly Message[];
  readonly code: number;
  readonly reason: string;
}

/** Answers to a frame: what the client sends when it comes. */
export type React = (frame: Frame, send: (frame: object) => void) => void;

/** Runs a session to its end. */
export async function tape(
  url: string,
  path: string,
  opening: readonly object[],
  react: React,
): Promise<Tape> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}${path}`);
  const messages: Message[] = [];
  const send = (frame: object) => socket.send(JSON.stringify(frame));
  socket.on('message', (data: Buffer, isBinary) => {
    messages.push(isBinary ? data : data.toString('utf8'));
    if (!isBinary) react(JSON.parse(data.toString('utf8')) as Frame, send);
  });
  const closed = once(socket, 'close') as Promise<[number, Buffer]>;
  await once(socket, 'open');
  for (const frame of opening) send(frame);
  const [code, reason] = await closed;
  return { messages, code, reason: reason.toString() };
}

/** Two segments of `/v1/stream`, the second asked for when the first is there. */
export const native = (url: string, prompts: readonly string[] = ['a fox', 'a dog']): Promise<Tape> => {
  const [first, ...rest] = prompts.map((prompt) => ({ type: 'segment_prompt_source', prompt }));
  return tape(url, '/v1/stream', [{ type: 'session_init_v2' }, first ?? {}], (frame, send) => {
    if (frame.type === 'ltx2_segment_complete') send(rest.shift() ?? { type: 'leave' });
  });
};

/** Two segments of `/ws`; a prompt holds what line readers take for the end of a line. */
export const project = (url: string): Promise<Tape> =>
  tape(
    url,
    '/ws',
    [{ type: 'session_init_v2', curated_prompts: ['one', 'two\u2028lines'] }],
    (frame, send) => {
      if (frame.type === 'ltx2_segment_complete' && frame['segment_idx'] === 2) send({ type: 'leave' });
    },
  );

/** The same without what a recording must not hold. */
export function masked({ messages, ...rest }: Tape): Tape {
  const mask = (text: string) => text.replace(/("resume_token":")[^"]*/, '$1not-recorded');
  return { ...rest, messages: messages.map((one) => (typeof one === 'string' ? mask(one) : one)) };
}

/** How many binary messages there are; a test of none would prove nothing. */
export function binaryCount({ messages }: Tape): number {
  return messages.filter((one) => typeof one !== 'string').length;
}
