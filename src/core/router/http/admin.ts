import type { FastifyInstance } from 'fastify';
import { adminDenial } from '../../base/http/admin-guard.ts';

interface AdminOptions {
  readonly token: string;
  /** Ends the process as SIGTERM would. */
  readonly drain: () => void;
}

/** `POST /admin/drain`, for `Authorization: Bearer TOKEN`. */
export function registerAdminRoutes(app: FastifyInstance, { token, drain }: AdminOptions): void {
  app.post('/admin/drain', async (request, reply) => {
    const message = adminDenial(request.raw, token);
    if (message !== undefined) return await reply.code(401).send({ code: 'unauthorized', message });
    drain();
    return await reply.code(202).send({ status: 'draining' });
  });
}
