import type { Scenario } from '../base/config/scenario-schema/scenario.ts';
import { seededNormal, seededRandom } from '../generators/seeded-random.ts';

export type Distribution = Scenario['latency']['first_frame'];

/** Times in milliseconds, drawn one after the other: the same seed gives the same row. */
export function drawer(distribution: Distribution, seed: number): () => number {
  const { ms, min_ms: least, max_ms: most = Number.POSITIVE_INFINITY, deviation_ms, tail } = distribution;
  const normal = seededNormal(seed);
  const uniform = seededRandom(seed);
  const draw = {
    fixed: () => ms,
    uniform: () => least + uniform() * (most - least),
    normal: () => ms + deviation_ms * normal(),
    lognormal: () => ms * Math.exp(tail * normal()),
  }[distribution.distribution];
  return () => Math.max(least, Math.min(most, draw()));
}
