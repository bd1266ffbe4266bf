import type { FastifyRequest } from 'fastify';
import type { HttpAnswer } from '../replicas/http-send.ts';
import type { ReplicaRegistry } from '../replicas/registry.ts';
import type { Replica } from '../replicas/replica.ts';
import { ask, unanswered, usable } from './ask-replica.ts';

/** Of videos whose place is known; one that is forgotten is looked for again. */
const mostKnown = 10_000;

export type Place =
  | { readonly kind: 'found'; readonly replica: Replica }
  /** The replica that has it, or may have it, cannot be asked. */
  | { readonly kind: 'away'; readonly replica: Replica }
  /** What a replica answered that does not say whether it has it, such as that the key is wrong. */
  | { readonly kind: 'refused'; readonly answer: HttpAnswer }
  | { readonly kind: 'nowhere' };

/** Which replica has which video: each has its own. */
export class VideoPlaces {
  readonly #registry: Pick<ReplicaRegistry, 'replicas'>;
  /** URLs of replicas by the ids of videos, those that were asked for last at the end. */
  readonly #known = new Map<string, string>();

  constructor(registry: Pick<ReplicaRegistry, 'replicas'>) {
    this.#registry = registry;
  }

  async find(id: string, request: FastifyRequest): Promise<Place> {
    const known = this.#registry.replicas.find(({ url }) => url === this.#known.get(id));
    if (known) return { kind: known.health.state === 'healthy' ? 'found' : 'away', replica: known };
    const question = { method: 'GET', path: `/v1/videos/${encodeURIComponent(id)}` } as const;
    const asked = await Promise.all(
      usable(this.#registry.replicas).map(async (replica) => ({
        replica,
        answer: await ask(replica, request, question),
      })),
    );
    const owner = asked.find(({ answer }) => answer.status === 200);
    if (owner) {
      this.#remember(id, owner.replica);
      return { kind: 'found', replica: owner.replica };
    }
    const refused = asked.find(({ answer }) => ![404, unanswered].includes(answer.status));
    if (refused) return { kind: 'refused', answer: refused.answer };
    const silent = asked.find(({ answer }) => answer.status === unanswered)?.replica;
    const away = silent ?? this.#registry.replicas.find(({ health }) => health.state !== 'healthy');
    return away ? { kind: 'away', replica: away } : { kind: 'nowhere' };
  }

  forget(id: string): void {
    this.#known.delete(id);
  }

  #remember(id: string, { url }: Replica): void {
    this.#known.set(id, url);
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKnown && oldest !== undefined) this.#known.delete(oldest);
  }
}
