import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ReplicaRegistry } from '../replicas/registry.ts';
import type { Replica } from '../replicas/replica.ts';
import { ask, noReplica, pass, type Question, refuse, usable } from './ask-replica.ts';
import { changeDenial } from './change-denial.ts';

interface LoraRouteParts {
  readonly registry: Pick<ReplicaRegistry, 'replicas'>;
  /** Unset: nothing is changed through the router. */
  readonly adminToken: string | undefined;
}

/** A worker makes its segment first, and merging takes a while. */
const longestChangeMs = 120_000;

const AppliedSchema = z.looseObject({ gpus: z.record(z.string(), z.string().nullable()) });
const RefusedSchema = z.looseObject({ message: z.string() });

/**
 * The adapters of the replicas. The choice goes to all that are healthy; where one does not take it, its answer is given, with
 * its name, and the others have it already: asked again, they change nothing.
 */
export function registerLoraRoutes(app: FastifyInstance, { registry, adminToken }: LoraRouteParts): void {
  app.get('/lora/options', async (request, reply) => {
    const [replica] = usable(registry.replicas);
    if (!replica) return await noReplica(reply);
    return await pass(reply, await ask(replica, request, { method: 'GET', path: '/lora/options' }));
  });

  app.post('/lora', async (request, reply) => {
    const denial = changeDenial(request, adminToken, 'the adapters');
    if (denial) return await refuse(reply, denial.status, 'unauthorized', denial.message);
    const change: Question = {
      ...{ method: 'POST', path: '/lora', contentType: 'application/json', timeLimitMs: longestChangeMs },
      body: JSON.stringify(request.body ?? null),
    };
    const replicas = usable(registry.replicas);
    const answers = await Promise.all(
      replicas.map(async (replica) => ({ replica, answer: await ask(replica, request, change) })),
    );
    const [first] = answers;
    if (!first) return await noReplica(reply);
    const failed = answers.find(({ answer }) => answer.status !== 200);
    if (failed) {
      const { status, body } = failed.answer;
      return await reply.code(status).send(refusalOf(body, failed.replica, answers.length));
    }
    const gpus = answers.flatMap(({ replica, answer }) => gpusOf(answer.body, replica));
    return { ...AppliedSchema.parse(json(first.answer.body)), gpus: Object.fromEntries(gpus) };
  });
}

/** As the router's `/status` names them. */
function gpusOf(body: Buffer, { name }: Replica): [string, string | null][] {
  const { gpus } = AppliedSchema.parse(json(body));
  return Object.entries(gpus).map(([gpu, words]) => [`${name}/${gpu}`, words]);
}

function refusalOf(body: Buffer, { name }: Replica, count: number): object {
  const said = RefusedSchema.safeParse(json(body)).data;
  const message = said?.message ?? 'it gave no reason.';
  // What all have refused alike is said of none.
  const told = count === 1 ? message : `The replica ${name}: ${message}`;
  return { code: 'internal_error', ...said, message: told, detail: told };
}

function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
