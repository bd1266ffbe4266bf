import { afterEach, describe, expect, it } from 'vitest';
import { a, b, bad, c, FakeReplicas, good, session, withLoad } from './fake-replicas.ts';

let replicas: FakeReplicas;
afterEach(async () => replicas?.registry.stop());

async function three(policy: string, more: readonly object[] = [{}, {}, {}]): Promise<FakeReplicas> {
  const listed = [a, b, c].map((url, index) => ({ url, ...more[index] }));
  replicas = new FakeReplicas({ policy, replicas: listed, health_check: { interval_seconds: 3600 } });
  for (const url of [a, b, c]) if (!replicas.answers.has(url)) replicas.answer(url, good);
  return replicas;
}

/** A session that is let in where the policy says. */
function place(): string | undefined {
  const replica = replicas.registry.choose({ tried: new Set() });
  replica?.sessionBegins(session);
  replica?.sessionLetIn();
  return replica?.url;
}

describe('the policy primary', () => {
  it('takes the primary as long as it is healthy, wherever it stands', async () => {
    const { registry } = await three('primary', [{}, { primary: true }, {}]);
    await registry.start();
    expect([place(), place(), place()]).toEqual([b, b, b]);
  });

  it('takes the one with the fewest sessions when the primary has been tried or is down', async () => {
    await three('primary', [{}, { primary: true }, {}]);
    replicas.answer(b, bad);
    await replicas.registry.start();
    expect([place(), place(), place()]).toEqual([a, c, a]);
  });
});

describe('the policy least_sessions', () => {
  it('counts sessions that come and go', async () => {
    await (await three('least_sessions')).registry.start();
    expect([place(), place(), place(), place()]).toEqual([a, b, c, a]);
    replicas.replica(b).sessionEnded(session, true);
    expect(place()).toBe(b);
  });

  it('counts sessions that a replica tells of, and those opened since', async () => {
    await three('least_sessions');
    replicas.answer(a, withLoad({ sessions: 3, totalWorkers: 9, freeWorkers: 6 }));
    replicas.answer(b, withLoad({ sessions: 1, totalWorkers: 9, freeWorkers: 8 }));
    replicas.answer(c, withLoad({ sessions: 2, totalWorkers: 9, freeWorkers: 7 }));
    await replicas.registry.start();
    expect([place(), place(), place(), place()]).toEqual([b, b, c, a]);
  });

  it('prefers a free worker to a short queue', async () => {
    await three('least_sessions');
    replicas.answer(a, withLoad({ sessions: 1, freeWorkers: 0 }));
    replicas.answer(b, withLoad({ sessions: 7, totalWorkers: 8, freeWorkers: 1 }));
    replicas.answer(c, withLoad({ sessions: 1, freeWorkers: 0 }));
    await replicas.registry.start();
    expect([place(), place()]).toEqual([b, a]);
  });
});

describe('the policy weighted', () => {
  it('gives each its share, spread evenly', async () => {
    await (await three('weighted', [{ weight: 3 }, { weight: 1 }, { weight: 0 }])).registry.start();
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(() => place())).toEqual([a, a, b, a, a, a, b, a]);
  });
});

describe('whatever the policy', () => {
  it.each(['primary', 'least_sessions', 'weighted'])(
    '%s takes no replica beyond its limit',
    async (policy) => {
      await three(policy, [{ primary: true }]);
      replicas.answer(a, withLoad({ maxSessions: 2, sessions: 1 }));
      replicas.answer(b, withLoad({ maxSessions: 1 }));
      replicas.answer(c, withLoad({ draining: true }));
      await replicas.registry.start();
      expect([place(), place()].sort()).toEqual([a, b]);
      expect(place()).toBeUndefined();
    },
  );

  it.each(['primary', 'least_sessions', 'weighted'])('%s tries each once', async (policy) => {
    await (await three(policy, [{ primary: true }])).registry.start();
    expect(replicas.chosen([a])).not.toBe(a);
    expect(replicas.chosen([a, c])).toBe(b);
    expect(replicas.chosen([a, b, c])).toBeUndefined();
  });

  it('a resume goes back to its replica, full or not, unless that is unhealthy, gone or tried', async () => {
    await three('primary', [{ primary: true }]);
    replicas.answer(b, withLoad({ maxSessions: 1, sessions: 1 }));
    replicas.answer(c, bad);
    await replicas.registry.start();
    expect(replicas.chosen([], b)).toBe(b);
    expect(replicas.chosen([b], b)).toBe(a);
    expect(replicas.chosen([], c)).toBe(a);
    expect(replicas.chosen([], 'http://gone:1')).toBe(a);
  });
});
