import type { FastifyInstance } from 'fastify';
import { readyMadeScenarios } from '../base/config/load-scenario.ts';
import type { Scenario } from '../base/config/scenario-schema/scenario.ts';
import type { Logger } from '../base/log.ts';
import type { Generator } from '../generators/generator.ts';
import type { Pool } from '../pool/pool.ts';
import type { PromptProvider } from '../prompts/provider.ts';
import { createEchoProvider } from '../prompts/providers/echo-provider.ts';
import type { OpenTap } from '../server/connection-tap.ts';
import type { PromptGate } from '../server/prompt-gate.ts';
import type { StreamSettings } from '../server/session/stream-settings.ts';
import type { RegistryOptions } from '../sessions/registry.ts';
import { FaultInjection } from './fault-injection.ts';
import { openFaultTap } from './fault-tap.ts';
import { faultyGenerator } from './faulty-generator.ts';
import { FaultyPool } from './faulty-pool.ts';
import { FaultyGate } from './prompts/faulty-gate.ts';
import { faultyProvider, providerTimeoutMs } from './prompts/faulty-provider.ts';
import { writeScene, writingTime } from './prompts/scene-writer.ts';
import { registerScenarioRoutes } from './scenario-routes.ts';

/** What `mock` puts around the parts of a server, so that they fail when they are told to. */
export class Trouble {
  readonly #faults: FaultInjection;

  readonly #shipped: string;

  /** @param shipped - the folder of the ready-made scenarios */
  constructor(scenario: Scenario, shipped: string) {
    this.#shipped = shipped;
    this.#faults = new FaultInjection(scenario);
  }

  /** Sits on each connection; must be there, or no trouble finds its client. */
  get tap(): OpenTap {
    return openFaultTap(this.#faults);
  }

  async generator(load: () => Promise<Generator>): Promise<Generator> {
    const connection = this.#faults.current;
    const generator = await load();
    return connection ? faultyGenerator(generator, connection) : generator;
  }

  segmentTimeoutMs(configuredMs: number): number {
    return this.#faults.current?.trouble.segment?.timeoutMs ?? configuredMs;
  }

  pool(inner: Pool, acquireTimeoutMs: number): Pool {
    return new FaultyPool(inner, this.#faults, acquireTimeoutMs);
  }

  get provider(): PromptProvider {
    const echo = createEchoProvider('echo', { write: writeScene, latencyMs: writingTime });
    return faultyProvider(echo, this.#faults);
  }

  providerTimeoutMs(configuredMs: number): number {
    return providerTimeoutMs(this.#faults, configuredMs);
  }

  gate(parts: ConstructorParameters<typeof FaultyGate>[1]): PromptGate {
    return new FaultyGate(this.#faults, parts);
  }

  /** The settings that hold at each moment. */
  settings(configured: StreamSettings): StreamSettings {
    const faults = this.#faults;
    return {
      ...configured,
      get sessionTimeoutMs() {
        return sessionTimeoutMs(faults.scenario, configured);
      },
      get preset() {
        const trouble = faults.current?.trouble;
        const loaded = trouble?.concerns('preset') ? trouble.scenario.preset.loaded : undefined;
        // Unset and undefined are the same to who reads it.
        return (loaded ?? configured.preset) as string;
      },
    };
  }

  /** The limits that hold at each moment. */
  limits(configured: RegistryOptions): RegistryOptions {
    const faults = this.#faults;
    return {
      get maxSessions() {
        return faults.scenario.session.limit ?? configured.maxSessions;
      },
      get sessionTimeoutMs() {
        return sessionTimeoutMs(faults.scenario, configured);
      },
    };
  }

  /** Reads the ready-made scenarios. */
  async routes(logger: Logger): Promise<(app: FastifyInstance) => void> {
    const shipped = this.#shipped;
    const parts = { faults: this.#faults, readyMade: await readyMadeScenarios(shipped), logger };
    return (app) => registerScenarioRoutes(app, parts);
  }
}

function sessionTimeoutMs({ session }: Scenario, configured: { readonly sessionTimeoutMs: number }): number {
  return session.timeout_seconds === undefined ? configured.sessionTimeoutMs : session.timeout_seconds * 1000;
}
