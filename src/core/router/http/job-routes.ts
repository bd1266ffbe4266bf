import { PassThrough } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { errorMessage } from '../../base/errors.ts';
import { requestTarget } from '../../base/http/request-target.ts';
import { ImagesSchema } from '../../protocol/http/videos.ts';
import type { HttpAnswer } from '../replicas/http-send.ts';
import type { ReplicaRegistry } from '../replicas/registry.ts';
import type { Replica } from '../replicas/replica.ts';
import { ask, noReplica, pass, unanswered, usable } from './ask-replica.ts';
import { forward, isPlainPath, Unreachable } from './forward.ts';
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
  const turns = new JobPlaces(registry);
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
        `The replica ${place.replica.name}, which has or may have this video, cannot be asked now.`,
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
    // What counts its pieces lets it flow: it is taken up at once.
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload.pipe(new PassThrough())));
    scope.post('/v1/videos', async (request, reply) => {
      const tried = new Set<Replica>();
      for (let replica = turns.next(tried); replica; replica = turns.next(tried)) {
        tried.add(replica);
        if (await reaches(request, reply, replica)) return reply;
      }
      return await noReplica(reply);
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
      const question = { ...posted(request, '/v1/images/generations'), timeLimitMs: imagesTimeLimitMs };
      const tried = new Set<Replica>();
      let answer: HttpAnswer | undefined;
      for (let replica = turns.next(tried); replica; replica = turns.next(tried)) {
        tried.add(replica);
        answer = await ask(replica, request, question);
        if (answer.status !== unanswered) break;
      }
      if (!answer) return await noReplica(reply);
      return await pass(reply, answer.status === 200 ? withOwnLinks(answer, request) : answer);
    });
  });
}

async function passOn(request: FastifyRequest, reply: FastifyReply, replica: Replica): Promise<FastifyReply> {
  if (await reaches(request, reply, replica)) return reply;
  return await refuse(reply, 502, `The replica ${replica.name} did not answer.`);
}

/** Whether the replica could be asked; the client has its answer then, or why there is none. */
async function reaches(request: FastifyRequest, reply: FastifyReply, replica: Replica): Promise<boolean> {
  if (!isPlainPath(request)) {
    await unknown(reply, requestTarget(request.url).path);
    return true;
  }
  try {
    await forward(request, reply, replica);
  } catch (error) {
    if (error instanceof Unreachable) return false;
    await refuse(reply, 502, `The replica ${replica.name} did not answer: ${errorMessage(error)}.`);
  }
  return true;
}

/** Jobs go to the replicas in turn, of those that can take one in the order of the policy: what it knows of their load is too old. */
class JobPlaces {
  readonly #registry: Pick<ReplicaRegistry, 'replicas' | 'choose'>;
  #round = new Set<Replica>();

  constructor(registry: Pick<ReplicaRegistry, 'replicas' | 'choose'>) {
    this.#registry = registry;
  }

  /** Another than those that were tried. */
  next(tried: ReadonlySet<Replica>): Replica | undefined {
    const choose = () =>
      this.#registry.choose({ tried: new Set([...this.#round, ...tried]) }) ??
      usable(this.#registry.replicas).find((replica) => !this.#round.has(replica) && !tried.has(replica));
    let replica = choose();
    if (!replica) {
      this.#round = new Set();
      replica = choose();
    }
    if (replica) this.#round.add(replica);
    return replica;
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
