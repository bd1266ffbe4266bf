import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

interface AdminOptions {
  readonly token: string;
  /** Ends the process as SIGTERM would. */
  readonly drain: () => void;
}

/** `POST /admin/drain`, for `Authorization: Bearer TOKEN`. */
export function registerAdminRoutes(app: FastifyInstance, { token, drain }: AdminOptions): void {
  app.post('/admin/drain', async (request, reply) => {
    const given = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1]?.trim();
    if (given === undefined || !isSame(given, token)) {
      const message = given === undefined ? 'The admin token is missing.' : 'The admin token is wrong.';
      return await reply.code(401).send({ code: 'unauthorized', message });
    }
    drain();
    return await reply.code(202).send({ status: 'draining' });
  });
}

const key = randomBytes(32);

/** Takes the same time wherever the two differ. */
function isSame(left: string, right: string): boolean {
  const digest = (text: string) => createHmac('sha256', key).update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
