import type { FastifyInstance } from 'fastify';
import type { ReplicaRegistry } from '../replicas/registry.ts';
import { ask, noReplica, pass, type Question, refuse, usable } from './ask-replica.ts';
import { changeDenial } from './change-denial.ts';

interface ReplicaRouteParts {
  readonly registry: Pick<ReplicaRegistry, 'replicas'>;
  /** Unset: nothing is changed through the router. */
  readonly adminToken: string | undefined;
}

/** What a replica shows that is the same at all of them. */
const shownPaths = ['/prompt-system-config', '/curated-presets', '/creation-capabilities'];

/**
 * Routes of replicas at the router's address. What is shown comes from one replica; a change of the system prompts goes to
 * all of them.
 */
export function registerReplicaRoutes(
  app: FastifyInstance,
  { registry, adminToken }: ReplicaRouteParts,
): void {
  for (const path of shownPaths) {
    app.get(path, async (request, reply) => {
      const [replica] = usable(registry.replicas);
      if (!replica) return await noReplica(reply);
      return await pass(reply, await ask(replica, request, { method: 'GET', path }));
    });
  }

  app.post('/prompt-system-config', async (request, reply) => {
    const denial = changeDenial(request, adminToken, 'the system prompts');
    if (denial) return await refuse(reply, denial.status, 'unauthorized', denial.message);
    const change: Question = {
      ...{ method: 'POST', path: '/prompt-system-config', contentType: 'application/json' },
      body: JSON.stringify(request.body ?? null),
    };
    const answers = await Promise.all(
      usable(registry.replicas).map((replica) => ask(replica, request, change)),
    );
    const answer = answers.find(({ status }) => status !== 200) ?? answers[0];
    return await (answer ? pass(reply, answer) : noReplica(reply));
  });
}
