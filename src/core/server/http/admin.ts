import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { adminDenial } from '../../base/http/admin-guard.ts';
import type { Pool } from '../../pool/pool.ts';

export interface AdminOptions {
  readonly token: string;
  readonly pool: Pool;
  /** Ends the process as SIGTERM would. */
  readonly drain: () => void;
}

/** What an operator may do to a running server, with a token of its own. */
export function registerAdminRoutes(app: FastifyInstance, { token, pool, drain }: AdminOptions): void {
  const guard = async (request: FastifyRequest, reply: FastifyReply) => {
    const message = adminDenial(request.raw, token);
    if (message !== undefined) await reply.code(401).send({ code: 'unauthorized', message });
  };

  app.post(
    '/admin/drain',
    {
      onRequest: guard,
      schema: { summary: 'Accepts no new sessions, finishes running segments, then exits.' },
    },
    async (_, reply) => {
      drain();
      await reply.code(202).send({ status: 'draining' });
    },
  );

  app.post<{ Params: { id: string } }>(
    '/admin/workers/:id/restart',
    { onRequest: guard, schema: { summary: 'Restarts a parked worker.' } },
    async (request, reply) => {
      const { id } = request.params;
      if (pool.unpark(id)) return await reply.code(202).send({ status: 'starting' });
      const known = pool.status().workers.map(({ workerId }) => workerId);
      const message = known.includes(id)
        ? `Worker ${id} is not parked.`
        : `There is no worker ${id.slice(0, 100)}; there are ${known.join(', ')}.`;
      return await reply.code(known.includes(id) ? 409 : 404).send({ code: 'invalid_message', message });
    },
  );
}
