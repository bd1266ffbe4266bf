import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProbeResult } from '../../../src/core/router/replicas/probe.ts';
import { a, b, bad, FakeReplicas, good, late, session, settingsOf } from './fake-replicas.ts';

let replicas: FakeReplicas;
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(async () => {
  await replicas.registry.stop();
  vi.useRealTimers();
});

describe('a replica', () => {
  beforeEach(() => {
    replicas = new FakeReplicas({ replicas: [{ url: a }] });
  });

  it('is unknown until its first probe, which makes it healthy when it is good', async () => {
    expect(replicas.state(a)).toBe('unknown');
    expect(replicas.chosen()).toBeUndefined();
    replicas.answer(a, good);
    await replicas.registry.start();
    expect(replicas.state(a)).toBe('healthy');
    expect(replicas.chosen()).toBe(a);
    const { lastOkAt, lastLatencyMs, consecutiveFailures } = replicas.replica(a).health;
    expect({ lastOkAt, lastLatencyMs, consecutiveFailures }).toEqual({
      lastOkAt: new Date(),
      lastLatencyMs: 3,
      consecutiveFailures: 0,
    });
  });

  it('that is down at the start is unknown, then unhealthy, and healthy again after the recoveries', async () => {
    await replicas.registry.start();
    const seen = [replicas.state(a)];
    for (const answer of [bad, bad, bad, good, good, good]) {
      replicas.answer(a, answer);
      await replicas.nextProbes();
      seen.push(replicas.state(a));
    }
    expect(seen).toEqual(['unknown', 'unknown', 'unhealthy', 'unhealthy', 'unhealthy', 'healthy', 'healthy']);
  });

  it('has no latency while its probes fail', async () => {
    replicas.answer(a, good);
    await replicas.registry.start();
    replicas.answer(a, bad);
    await replicas.nextProbes();
    expect(replicas.replica(a).health.lastLatencyMs).toBeUndefined();
    replicas.answer(a, good);
    await replicas.nextProbes();
    expect(replicas.replica(a).health.lastLatencyMs).toBe(3);
  });

  it('that is late and speaks to a session meanwhile is slow, and not down; one that refuses is down all the same', async () => {
    replicas.answer(a, good);
    await replicas.registry.start();
    const talking = (answer: ProbeResult) => {
      replicas.replica(a).heard();
      return answer;
    };
    replicas.answerBy(a, () => talking(late(false)));
    for (let count = 0; count < 5; count += 1) await replicas.nextProbes();
    expect(replicas.state(a)).toBe('healthy');
    expect(replicas.replica(a).health.consecutiveFailures).toBe(0);
    replicas.answerBy(a, () => talking(bad));
    for (let count = 0; count < 3; count += 1) await replicas.nextProbes();
    expect(replicas.state(a)).toBe('unhealthy');
  });

  it('that is late again and again and answers all the same is not down; one that never answers is', async () => {
    replicas.answer(a, good);
    await replicas.registry.start();
    replicas.answer(a, late(true));
    for (let count = 0; count < 5; count += 1) await replicas.nextProbes();
    expect(replicas.state(a)).toBe('healthy');
    replicas.answer(a, late(false));
    for (let count = 0; count < 3; count += 1) await replicas.nextProbes();
    expect(replicas.state(a)).toBe('unhealthy');
  });

  it('that fails less often in a row than the threshold stays healthy', async () => {
    replicas.answer(a, good);
    await replicas.registry.start();
    for (const answer of [bad, bad, good, bad, bad, good]) {
      replicas.answer(a, answer);
      await replicas.nextProbes();
      expect(replicas.state(a)).toBe('healthy');
    }
    for (const answer of [bad, bad, bad]) {
      replicas.answer(a, answer);
      await replicas.nextProbes();
    }
    expect(replicas.state(a)).toBe('unhealthy');
    expect(replicas.replica(a).health).toMatchObject({ consecutiveFailures: 3, lastError: bad.reason });
  });

  it('needs its recoveries in a row', async () => {
    await replicas.registry.start();
    for (const answer of [bad, bad, good, bad, good, bad]) {
      replicas.answer(a, answer);
      await replicas.nextProbes();
    }
    expect(replicas.state(a)).toBe('unhealthy');
  });

  it('that answers probes and drops sessions is unhealthy too', async () => {
    replicas.answer(a, good);
    await replicas.registry.start();
    const { registry } = replicas;
    const replica = replicas.replica(a);
    registry.sessionFailed(replica, 'cut');
    await replicas.nextProbes();
    registry.sessionFailed(replica, 'cut');
    await replicas.nextProbes();
    expect(replicas.state(a)).toBe('healthy');
    registry.sessionFailed(replica, 'cut');
    expect(replicas.state(a)).toBe('unhealthy');
    await replicas.nextProbes();
    expect(replicas.state(a)).toBe('unhealthy');
    await replicas.nextProbes();
    expect(replicas.state(a)).toBe('healthy');
    expect(replica.health.consecutiveFailures).toBe(0);
  });

  it('that lets a session in ends the row of dropped ones', async () => {
    replicas.answer(a, good);
    await replicas.registry.start();
    const replica = replicas.replica(a);
    for (let round = 0; round < 5; round += 1) {
      replicas.registry.sessionFailed(replica, 'cut');
      replica.sessionBegins(session);
      replica.sessionLetIn();
    }
    expect(replicas.state(a)).toBe('healthy');
  });
});

describe('probes', () => {
  it('keep each their interval, within a tenth, however long another takes', async () => {
    replicas = new FakeReplicas({ replicas: [{ url: a }, { url: b }] });
    replicas.answer(a, new Promise(() => undefined));
    replicas.answer(b, good);
    void replicas.registry.start();
    await vi.advanceTimersByTimeAsync(60_000);
    const times = replicas.asked.filter(({ url }) => url === b).map(({ atMs }) => atMs);
    expect(times.length).toBeGreaterThan(10);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? Number.NaN));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(4499);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5501);
    expect(new Set(gaps.map(Math.round)).size).toBeGreaterThan(1);
    // Never two of one replica at once.
    expect(replicas.asked.filter(({ url }) => url === a)).toHaveLength(1);
  });

  it('end with the registry', async () => {
    replicas = new FakeReplicas({ replicas: [{ url: a }] });
    await replicas.registry.start();
    await replicas.registry.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(replicas.asked).toHaveLength(1);
  });
});

describe('a reload', () => {
  it('adds, removes and reweights replicas; those that stay keep what is known of them', async () => {
    replicas = new FakeReplicas({ replicas: [{ url: a }] });
    replicas.answer(a, good);
    replicas.answer(b, good);
    await replicas.registry.start();
    replicas.settings = settingsOf({ replicas: [{ url: a, weight: 0 }, { url: b }] });
    replicas.registry.reload();
    expect([replicas.state(a), replicas.state(b)]).toEqual(['healthy', 'unknown']);
    await vi.advanceTimersByTimeAsync(0);
    expect(replicas.state(b)).toBe('healthy');
    expect(replicas.chosen()).toBe(b);

    replicas.settings = settingsOf({ replicas: [{ url: b }] });
    replicas.registry.reload();
    expect(replicas.registry.replicas.map(({ url }) => url)).toEqual([b]);
    replicas.asked.length = 0;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(new Set(replicas.asked.map(({ url }) => url))).toEqual(new Set([b]));
  });

  it('makes a shorter interval hold at once', async () => {
    replicas = new FakeReplicas({ replicas: [{ url: a }], health_check: { interval_seconds: 3600 } });
    await replicas.registry.start();
    replicas.settings = settingsOf({ replicas: [{ url: a }], health_check: { interval_seconds: 1 } });
    replicas.registry.reload();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(replicas.asked.length).toBeGreaterThan(8);
  });
});

describe('waiting for a replica', () => {
  it('ends when one becomes healthy, or when the waiting is over', async () => {
    replicas = new FakeReplicas({ replicas: [{ url: a }] });
    await replicas.registry.start();
    const over = new AbortController();
    const change = replicas.registry.change(over.signal);
    replicas.answer(a, good);
    await replicas.nextProbes();
    expect(await change).toBe(true);
    const second = replicas.registry.change(over.signal);
    over.abort();
    expect(await second).toBe(false);
    expect(await replicas.registry.change(over.signal)).toBe(false);
  });
});
