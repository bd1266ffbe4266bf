import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { errorMessage } from '../../base/errors.ts';
import { requestTarget } from '../../base/http/request-target.ts';
import { ImagesSchema } from '../../protocol/http/videos.ts';
import type { HttpAnswer } from '../replicas/http-send.ts';
import type { ReplicaRegistry } from '../replicas/registry.ts';
import type { Replica } from '../replicas/replica.ts';
import { ask, noReplica, pass, usable } from './ask-replica.ts';
import { forward, isPlainPath } from './forward.ts';
import { listVideos } from './video-list.ts';
import { VideoPlaces } from './video-places.ts';

interface ById {
  Params: { readonly id: string };
}

/** Made while the client waits. */
const imagesTimeLimitMs = 600_000;
const mostBodyBytes = 2 ** 20;

const ListQuerySchema = z.object({
  after: z.string().optional(),
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/)
    .default('20')
    .transform(Number),
  order: z.enum(['asc', 'desc']).default('desc'),
});

/**
 * Videos and images as jobs: a new one goes to the replica that a session would go to, and what is asked about one goes to the
 * replica that has it. Lists are merged.
 */
export function registerJobRoutes(
  app: FastifyInstance,
  { registry }: { readonly registry: Pick<ReplicaRegistry, 'replicas' | 'choose'> },
): void {
  const places = new VideoPlaces(registry);
  for (const path of ['/v1/models', '/v1/models/*'])
    app.get(path, async (request, reply) => {
      const [replica] = usable(registry.replicas);
      return await (replica ? passOn(request, reply, replica) : noReplica(reply));
    });

  app.get('/v1/videos', async (request, reply) => {
    const query = ListQuerySchema.safeParse(request.query);
    if (!query.success) {
      return await refuse(reply, 400, 'limit must be a whole number from 1 to 100, and order asc or desc.');
    }
    const replicas = usable(registry.replicas);
    if (replicas.length === 0) return await noReplica(reply);
    const found = await listVideos(replicas, request, query.data);
    if ('refused' in found) return await pass(reply, found.refused);
    return found.list ?? (await unknown(reply, query.data.after ?? ''));
  });

  const toOwner = async (request: FastifyRequest<ById>, reply: FastifyReply) => {
    const { id } = request.params;
    const place = await places.find(id, request);
    if (place.kind === 'nowhere') return await unknown(reply, id);
    if (place.kind === 'refused') return await pass(reply, place.answer);
    if (place.kind === 'away') {
      return await refuse(
        reply,
        503,
        `The replica ${place.replica.name}, which has this video, is not healthy.`,
      );
    }
    if (request.method === 'DELETE') places.forget(id);
    return await passOn(request, reply, place.replica);
  };
  app.get<ById>('/v1/videos/:id', toOwner);
  app.get<ById>('/v1/videos/:id/content', toOwner);
  app.get<ById>('/v1/videos/:id/events', toOwner);

  app.get<ById>('/v1/images/:id/content', async (request, reply) => {
    const path = `/v1/images/${encodeURIComponent(request.params.id)}/content`;
    for (const replica of usable(registry.replicas)) {
      const answer = await ask(replica, request, { method: 'GET', path });
      if (answer.status !== 404) return await pass(reply, answer);
    }
    return await unknown(reply, request.params.id);
  });

  void app.register(async (scope) => {
    // A body goes on as it comes.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.post('/v1/videos', async (request, reply) => {
      const replica = registry.choose({ tried: new Set() }) ?? usable(registry.replicas)[0];
      return await (replica ? passOn(request, reply, replica) : noReplica(reply));
    });
    scope.delete<ById>('/v1/videos/:id', toOwner);
    for (const act of ['cancel', 'remix', 'extend']) scope.post<ById>(`/v1/videos/:id/${act}`, toOwner);
  });

  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: mostBodyBytes }, (_, body, done) =>
      done(null, body),
    );
    scope.post('/v1/videos/extensions', async (request, reply) => {
      let answer: HttpAnswer | undefined;
      // The video stands in the body: who does not have it says so.
      for (const replica of usable(registry.replicas)) {
        answer = await ask(replica, request, posted(request, '/v1/videos/extensions'));
        if (answer.status !== 404) break;
      }
      return await (answer ? pass(reply, answer) : noReplica(reply));
    });
    scope.post('/v1/images/generations', async (request, reply) => {
      const replica = registry.choose({ tried: new Set() }) ?? usable(registry.replicas)[0];
      if (!replica) return await noReplica(reply);
      const question = { ...posted(request, '/v1/images/generations'), timeLimitMs: imagesTimeLimitMs };
      const answer = await ask(replica, request, question);
      return await pass(reply, answer.status === 200 ? withOwnLinks(answer, request) : answer);
    });
  });
}

async function passOn(request: FastifyRequest, reply: FastifyReply, replica: Replica): Promise<FastifyReply> {
  if (!isPlainPath(request)) return await unknown(reply, requestTarget(request.url).path);
  try {
    return await forward(request, reply, replica);
  } catch (error) {
    return await refuse(reply, 502, `The replica ${replica.name} did not answer: ${errorMessage(error)}.`);
  }
}

function posted(request: FastifyRequest, path: string) {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  return { method: 'POST', path, body, contentType: request.headers['content-type'] ?? '' } as const;
}

/** The images lie at the replica; its clients know the router. */
function withOwnLinks(answer: HttpAnswer, request: FastifyRequest): HttpAnswer {
  const images = ImagesSchema.parse(JSON.parse(answer.body.toString()));
  const data = images.data.map(({ url, ...image }) =>
    url === undefined
      ? image
      : { ...image, url: `${request.protocol}://${request.host}${new URL(url).pathname}` },
  );
  return { ...answer, body: Buffer.from(JSON.stringify({ ...images, data })) };
}

async function unknown(reply: FastifyReply, id: string): Promise<FastifyReply> {
  return await refuse(reply, 404, `No replica has '${id.slice(0, 100)}'; it may have expired.`);
}

const codes: Readonly<Record<number, string>> = { 400: 'invalid_message', 404: 'not_found' };

async function refuse(reply: FastifyReply, status: number, message: string): Promise<FastifyReply> {
  const type = status < 500 ? 'invalid_request_error' : 'server_error';
  const code = codes[status] ?? 'gpu_unavailable';
  return await reply.code(status).send({ error: { message, type, param: null, code } });
}
