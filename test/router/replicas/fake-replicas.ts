import { pino } from 'pino';
import { vi } from 'vitest';
import { RouterConfigSchema } from '../../../src/core/base/config/router-schema/router-config.ts';
import type { LoadReading } from '../../../src/core/router/replicas/load-reading.ts';
import type { ProbeResult } from '../../../src/core/router/replicas/probe.ts';
import { ReplicaRegistry } from '../../../src/core/router/replicas/registry.ts';
import type { RouterSettings } from '../../../src/core/router/settings.ts';

export const good = { ok: true, latencyMs: 3, load: undefined } as const satisfies ProbeResult;
export const bad = { ok: false, reason: 'connect ECONNREFUSED' } as const satisfies ProbeResult;

/** No answer in time; whether a good one comes after all. */
export const late = (answered: boolean): ProbeResult => ({
  ok: false,
  reason: 'no answer within 2000 ms',
  late: Promise.resolve(answered),
});

export function withLoad(load: Partial<LoadReading>): ProbeResult {
  const idle: LoadReading = {
    totalWorkers: 1,
    freeWorkers: 1,
    waiting: 0,
    workers: {},
    sessions: 0,
    maxSessions: undefined,
    draining: false,
    promptProviderSuccessCounts: {},
  };
  return { ...good, load: { ...idle, ...load } };
}

export function settingsOf(router: object): RouterSettings {
  return RouterConfigSchema.parse({ router }).router;
}

/** A session that says nothing. */
export const session = { demandSignOfLife: () => undefined };

export const a = 'http://a:1';
export const b = 'http://b:1';
export const c = 'http://c:1';

interface Asked {
  readonly url: string;
  readonly atMs: number;
}

/** A registry whose replicas answer what the test says, under a clock that the test moves. */
export class FakeReplicas {
  readonly answers = new Map<string, ProbeResult | Promise<ProbeResult> | (() => ProbeResult)>();
  readonly asked: Asked[] = [];
  readonly registry: ReplicaRegistry;
  settings: RouterSettings;

  constructor(router: object) {
    this.settings = settingsOf(router);
    this.registry = new ReplicaRegistry({
      settings: () => this.settings,
      logger: pino({ level: 'silent' }),
      probe: async ({ url }) => {
        this.asked.push({ url, atMs: performance.now() });
        const answer = this.answers.get(url) ?? bad;
        return await (typeof answer === 'function' ? answer() : answer);
      },
    });
  }

  replica(url: string) {
    const found = this.registry.replicas.find((replica) => replica.url === url);
    if (!found) throw new Error(`There is no replica ${url}.`);
    return found;
  }

  state(url: string): string {
    return this.replica(url).health.state;
  }

  answer(url: string, answer: ProbeResult | Promise<ProbeResult>): void {
    this.answers.set(url, answer);
  }

  /** Made anew at each probe, while it is under way. */
  answerBy(url: string, answer: () => ProbeResult): void {
    this.answers.set(url, answer);
  }

  /** On to the next probes, as many as there are replicas. */
  async nextProbes(): Promise<void> {
    const before = this.asked.length;
    while (this.asked.length < before + this.registry.replicas.length) {
      await vi.advanceTimersByTimeAsync(10);
    }
  }

  chosen(tried: readonly string[] = [], prefer?: string): string | undefined {
    return this.registry.choose({ tried: new Set(tried.map((url) => this.replica(url))), prefer })?.url;
  }
}
