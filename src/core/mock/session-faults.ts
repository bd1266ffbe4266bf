import type { Scenario } from '../base/config/scenario-schema/scenario.ts';
import { seededRandom } from '../generators/seeded-random.ts';
import { textHash } from '../generators/text-hash.ts';
import { drawer } from './draw.ts';

type Section = {
  [Name in keyof Scenario]-?: Scenario[Name] extends { readonly sessions: unknown } ? Name : never;
}[keyof Scenario];
/** What may happen several times in a session. */
type Repeated = 'worker' | 'stall' | 'provider' | 'media';

/** What happens to one segment. */
export interface SegmentFaults {
  /** From 1; undefined: never. */
  readonly diesAtFrame: number | undefined;
  readonly stallsAtFrame: number | undefined;
  /** Unset: the configured limit holds. */
  readonly timeoutMs: number | undefined;
  /** Wait before the next frame of this segment. */
  readonly nextWait: () => number;
}

/** What one scenario does to one connection. All that is drawn follows from the seed and the connection's number. */
export class SessionFaults {
  readonly scenario: Scenario;
  readonly #number: number;
  readonly #happened = new Map<Repeated, number>();
  readonly #randoms = new Map<string, () => number>();
  readonly #firstFrameWait: () => number;
  readonly #frameWait: () => number;
  readonly #providerWait: () => number;
  #segmentsBegun = 0;
  #segment: SegmentFaults | undefined;

  /** @param number - of the connection, from 1 */
  constructor(scenario: Scenario, number: number) {
    this.scenario = scenario;
    this.#number = number;
    const { latency, provider } = scenario;
    this.#firstFrameWait = drawer(latency.first_frame, this.#seed('first_frame'));
    this.#frameWait = drawer(latency.per_frame, this.#seed('per_frame'));
    this.#providerWait = drawer(provider.delay, this.#seed('provider.delay'));
  }

  /** Whether a section is for this connection. */
  concerns(section: Section): boolean {
    const { sessions } = this.scenario[section];
    if (sessions === 'every') return true;
    if (sessions === 'first') return this.#number === 1;
    if (typeof sessions === 'number') return seededRandom(this.#seed(`${section}.sessions`))() < sessions;
    return sessions.includes(this.#number);
  }

  /** Whether a fault that could happen now does; it then counts for its `times`. */
  happens(section: Repeated): boolean {
    if (!this.concerns(section)) return false;
    const { times, probability } = this.scenario[section];
    const before = this.#happened.get(section) ?? 0;
    if (times !== undefined && before >= times) return false;
    if (this.random(section)() >= probability) return false;
    this.#happened.set(section, before + 1);
    return true;
  }

  /** Numbers in [0, 1), a row of its own for each purpose. */
  random(purpose: string): () => number {
    const known = this.#randoms.get(purpose);
    if (known) return known;
    const random = seededRandom(this.#seed(purpose));
    this.#randoms.set(purpose, random);
    return random;
  }

  /** The running segment. */
  get segment(): SegmentFaults | undefined {
    return this.#segment;
  }

  beginSegment(): void {
    this.#segmentsBegun += 1;
    const { worker, stall } = this.scenario;
    const isMeant = (segment: number) => segment === 0 || segment === this.#segmentsBegun;
    const dies = worker.dies_at_frame !== undefined && isMeant(worker.segment) && this.happens('worker');
    const stalls = stall.at_frame !== undefined && isMeant(stall.segment) && this.happens('stall');
    let waits = 0;
    this.#segment = {
      diesAtFrame: dies ? worker.dies_at_frame : undefined,
      stallsAtFrame: stalls ? stall.at_frame : undefined,
      timeoutMs: stalls ? stall.timeout_seconds * 1000 : undefined,
      nextWait: () => {
        if (!this.concerns('latency')) return 0;
        waits += 1;
        return waits === 1 ? this.#firstFrameWait() : this.#frameWait();
      },
    };
  }

  /** Wait before the provider's next answer. */
  nextProviderWait(): number {
    return this.concerns('provider') ? this.#providerWait() : 0;
  }

  #seed(purpose: string): number {
    return textHash(`${this.scenario.seed}/${this.#number}/${purpose}`);
  }
}
