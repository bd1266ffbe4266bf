import type { FastifyReply, FastifyRequest } from 'fastify';
import { timeLimit } from '../../base/async/deadline.ts';
import { errorMessage } from '../../base/errors.ts';
import { type HttpAnswer, httpSend } from '../replicas/http-send.ts';
import type { Replica } from '../replicas/replica.ts';

const usualTimeLimitMs = 10_000;
/** An uploaded picture is the largest. */
const maxBodyBytes = 2 ** 25;
/** The status of an answer that the router gives because the replica gave none. */
export const unanswered = 502;
/** What a replica lets a client in with. */
const passedHeaders = ['x-api-key', 'authorization'];

/** What a replica is asked in a client's place. */
export interface Question {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** With its question mark; default: the client's. */
  readonly search?: string;
  readonly body?: string | Buffer;
  readonly contentType?: string;
  /** Headers of the client that go along besides its key. */
  readonly headers?: readonly string[];
  /** How long the answer may take; default 10 s. */
  readonly timeLimitMs?: number;
}

/** The healthy ones, the primary first. */
export function usable(replicas: readonly Replica[]): Replica[] {
  const healthy = replicas.filter(({ health }) => health.state === 'healthy');
  return healthy.toSorted((one, other) => Number(other.primary) - Number(one.primary));
}

/** The replica's answer; 502 where there is none. */
export async function ask(
  { url, name }: Replica,
  request: FastifyRequest,
  { method, path, search, body, contentType, headers: more = [], timeLimitMs = usualTimeLimitMs }: Question,
): Promise<HttpAnswer> {
  const headers: Record<string, string> = {};
  for (const header of [...passedHeaders, ...more]) {
    const value = request.headers[header];
    if (typeof value === 'string') headers[header] = value;
  }
  if (contentType !== undefined) headers['content-type'] = contentType;
  using limit = timeLimit(timeLimitMs);
  try {
    const target = new URL(path, url);
    // A key may stand there.
    const own = new URL(request.url, url);
    target.search = search === undefined ? own.search : withKey(search, own);
    return await httpSend(target, { method, headers, body, maxBytes: maxBodyBytes, signal: limit.signal });
  } catch (error) {
    const message = `The replica ${name} did not answer: ${errorMessage(error)}`;
    return { status: unanswered, body: Buffer.from(JSON.stringify({ code: 'gpu_unavailable', message })) };
  }
}

function withKey(search: string, own: URL): string {
  const key = own.searchParams.get('api_key');
  return key === null ? search : `${search}&api_key=${encodeURIComponent(key)}`;
}

export async function pass(
  reply: FastifyReply,
  { status, body, contentType }: HttpAnswer,
): Promise<FastifyReply> {
  if (status === 204) return await reply.code(status).send();
  const type = contentType ?? 'application/json; charset=utf-8';
  return await reply.code(status).header('content-type', type).send(body);
}

export async function refuse(
  reply: FastifyReply,
  status: number,
  code: 'gpu_unavailable' | 'unauthorized',
  message: string,
): Promise<FastifyReply> {
  return await reply.code(status).send({ code, message });
}

export async function noReplica(reply: FastifyReply): Promise<FastifyReply> {
  return await refuse(reply, 503, 'gpu_unavailable', 'replica unavailable: none is healthy.');
}
