import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { timeLimit } from '../../base/async/deadline.ts';
import { errorMessage } from '../../base/errors.ts';
import { adminDenial } from '../../base/http/admin-guard.ts';
import { type HttpAnswer, httpSend } from '../replicas/http-send.ts';
import type { ReplicaRegistry } from '../replicas/registry.ts';
import type { Replica } from '../replicas/replica.ts';

interface ReplicaRouteParts {
  readonly registry: Pick<ReplicaRegistry, 'replicas'>;
  /** Unset: nothing is changed through the router. */
  readonly adminToken: string | undefined;
}

/** What a replica shows that is the same at all of them. */
const shownPaths = ['/prompt-system-config', '/curated-presets'];
const timeLimitMs = 10_000;
/** A list of presets is the largest. */
const maxBodyBytes = 2 ** 25;
/** What a replica lets a client in with. */
const passedHeaders = ['x-api-key', 'authorization'];

/**
 * Routes of replicas at the router's address. What is shown comes from one replica; a change of the system prompts goes to
 * all of them. That needs the router's admin token, also on loopback: a replica sees the router, not who is behind it.
 */
export function registerReplicaRoutes(
  app: FastifyInstance,
  { registry, adminToken }: ReplicaRouteParts,
): void {
  for (const path of shownPaths) {
    app.get(path, async (request, reply) => {
      const [replica] = usable(registry.replicas);
      if (!replica)
        return await refuse(reply, 503, 'gpu_unavailable', 'replica unavailable: none is healthy.');
      return await pass(reply, await ask(replica, path, request, 'GET'));
    });
  }

  app.post('/prompt-system-config', async (request, reply) => {
    const denial =
      adminToken === undefined
        ? 'Changing the system prompts through a router needs its admin token; set router.admin_token.'
        : adminDenial(request.raw, adminToken);
    if (denial !== undefined) {
      return await refuse(reply, adminToken === undefined ? 403 : 401, 'unauthorized', denial);
    }
    const replicas = usable(registry.replicas);
    const answers = await Promise.all(
      replicas.map((replica) => ask(replica, '/prompt-system-config', request, 'POST')),
    );
    const answer = answers.find(({ status }) => status !== 200) ?? answers[0];
    if (!answer) return await refuse(reply, 503, 'gpu_unavailable', 'replica unavailable: none is healthy.');
    return await pass(reply, answer);
  });
}

/** The primary first. */
function usable(replicas: readonly Replica[]): Replica[] {
  const healthy = replicas.filter(({ health }) => health.state === 'healthy');
  return healthy.toSorted((one, other) => Number(other.primary) - Number(one.primary));
}

async function ask(
  { url, name }: Replica,
  path: string,
  request: FastifyRequest,
  method: 'GET' | 'POST',
): Promise<HttpAnswer> {
  const headers: Record<string, string> = {};
  for (const header of passedHeaders) {
    const value = request.headers[header];
    if (typeof value === 'string') headers[header] = value;
  }
  const body = method === 'POST' ? JSON.stringify(request.body ?? null) : undefined;
  if (body !== undefined) headers['content-type'] = 'application/json';
  using limit = timeLimit(timeLimitMs);
  try {
    const target = new URL(path, url);
    // A key may stand there.
    target.search = new URL(request.url, url).search;
    return await httpSend(target, { method, headers, body, maxBytes: maxBodyBytes, signal: limit.signal });
  } catch (error) {
    const message = `The replica ${name} did not answer: ${errorMessage(error)}`;
    return { status: 502, text: JSON.stringify({ code: 'gpu_unavailable', message }) };
  }
}

async function pass(reply: FastifyReply, { status, text }: HttpAnswer): Promise<FastifyReply> {
  return await reply.code(status).header('content-type', 'application/json; charset=utf-8').send(text);
}

async function refuse(
  reply: FastifyReply,
  status: number,
  code: 'gpu_unavailable' | 'unauthorized',
  message: string,
): Promise<FastifyReply> {
  return await reply.code(status).send({ code, message });
}
