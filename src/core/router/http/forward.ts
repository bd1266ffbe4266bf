import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorMessage } from '../../base/errors.ts';
import { requestTarget } from '../../base/http/request-target.ts';
import type { Replica } from '../replicas/replica.ts';

const sentHeaders = [
  ...['authorization', 'x-api-key', 'accept', 'content-type', 'content-length'],
  ...['range', 'if-range', 'if-none-match', 'if-modified-since'],
];
const answeredHeaders = [
  ...['content-type', 'content-length', 'content-range', 'content-disposition', 'accept-ranges'],
  ...['etag', 'last-modified', 'cache-control', 'retry-after', 'x-content-type-options', 'x-accel-buffering'],
];

/** Whether the path leads where it says: `..` in it, however it is written, may lead to another route of the replica. */
export function isPlainPath(request: FastifyRequest): boolean {
  const { path } = requestTarget(request.url);
  return URL.canParse(`http://replica${path}`) && new URL(`http://replica${path}`).pathname === path;
}

/** The replica could not be reached: nothing of the request was read. */
export class Unreachable extends Error {}

/**
 * Asks the replica what the client asks, and gives its answer as it comes: neither is held. The body of the request is a
 * stream, or there is none. Throws `Unreachable`, and the system's error where the replica does not answer.
 */
export async function forward(
  request: FastifyRequest,
  reply: FastifyReply,
  replica: Pick<Replica, 'url'>,
): Promise<void> {
  const { path, search } = requestTarget(request.url);
  const target = new URL(`${replica.url}${path}${search}`);
  const send = target.protocol === 'https:' ? https.request : http.request;
  const asked = send(target, { method: request.method, headers: pick(request.headers, sentHeaders) });
  reply.raw.once('close', () => asked.destroy());
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve);
    asked.on('error', reject);
  });
  try {
    await connected(asked);
  } catch (error) {
    answered.catch(() => undefined);
    throw new Unreachable(errorMessage(error), { cause: error });
  }
  if (request.body instanceof Readable) request.body.pipe(asked);
  else asked.end();
  const answer = await answered;
  await reply
    .code(answer.statusCode ?? 502)
    .headers(pick(answer.headers, answeredHeaders))
    .send(answer);
}

async function connected(asked: ClientRequest): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    asked.once('error', reject);
    asked.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', resolve);
      else resolve();
    });
  });
}

function pick(headers: IncomingMessage['headers'], names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (typeof value === 'string') picked[name] = value;
  }
  return picked;
}
