import type { FastifyInstance } from 'fastify';
import { readyMadeScenarios } from '../base/config/load-scenario.ts';
import type { Scenario } from '../base/config/scenario-schema/scenario.ts';
import type { Logger } from '../base/log.ts';
import type { Generator } from '../generators/generator.ts';
import type { Pool } from '../pool/pool.ts';
import type { PromptProvider } from '../prompts/provider.ts';
import { createEchoProvider } from '../prompts/providers/echo-provider.ts';
import type { OpenTap } from '../server/connection-tap.ts';
import type { StreamSettings } from '../server/native/stream-settings.ts';
import type { PromptGate } from '../server/prompt-gate.ts';
import type { RegistryOptions } from '../sessions/registry.ts';
import { writeScene, writingTime } from './prompts/scene-writer.ts';
import { TroubledGate } from './prompts/troubled-gate.ts';
import { providerTimeoutMs, troubledProvider } from './prompts/troubled-provider.ts';
import { registerScenarioRoutes } from './scenario-routes.ts';
import { openTroubleTap } from './trouble-tap.ts';
import { troubledGenerator } from './troubled-generator.ts';
import { TroubledPool } from './troubled-pool.ts';
import { Troublemaker } from './troublemaker.ts';

/** What `mock` puts around the parts of a server, so that they fail when they are told to. */
export class Trouble {
  readonly #troublemaker: Troublemaker;

  readonly #shipped: string;

  /** @param shipped - the folder of the ready-made scenarios */
  constructor(scenario: Scenario, shipped: string) {
    this.#shipped = shipped;
    this.#troublemaker = new Troublemaker(scenario);
  }

  /** Sits on each connection; must be there, or no trouble finds its client. */
  get tap(): OpenTap {
    return openTroubleTap(this.#troublemaker);
  }

  async generator(load: () => Promise<Generator>): Promise<Generator> {
    const connection = this.#troublemaker.current;
    const generator = await load();
    return connection ? troubledGenerator(generator, connection) : generator;
  }

  segmentTimeoutMs(configuredMs: number): number {
    return this.#troublemaker.current?.trouble.segment?.timeoutMs ?? configuredMs;
  }

  pool(inner: Pool, acquireTimeoutMs: number): Pool {
    return new TroubledPool(inner, this.#troublemaker, acquireTimeoutMs);
  }

  get provider(): PromptProvider {
    const echo = createEchoProvider('echo', { write: writeScene, latencyMs: writingTime });
    return troubledProvider(echo, this.#troublemaker);
  }

  providerTimeoutMs(configuredMs: number): number {
    return providerTimeoutMs(this.#troublemaker, configuredMs);
  }

  gate(parts: ConstructorParameters<typeof TroubledGate>[1]): PromptGate {
    return new TroubledGate(this.#troublemaker, parts);
  }

  /** The settings that hold at each moment. */
  settings(configured: StreamSettings): StreamSettings {
    const troublemaker = this.#troublemaker;
    return {
      ...configured,
      get sessionTimeoutMs() {
        return sessionTimeoutMs(troublemaker.scenario, configured);
      },
      get preset() {
        const trouble = troublemaker.current?.trouble;
        const loaded = trouble?.concerns('preset') ? trouble.scenario.preset.loaded : undefined;
        // Unset and undefined are the same to who reads it.
        return (loaded ?? configured.preset) as string;
      },
    };
  }

  /** The limits that hold at each moment. */
  limits(configured: RegistryOptions): RegistryOptions {
    const troublemaker = this.#troublemaker;
    return {
      get maxSessions() {
        return troublemaker.scenario.session.limit ?? configured.maxSessions;
      },
      get sessionTimeoutMs() {
        return sessionTimeoutMs(troublemaker.scenario, configured);
      },
    };
  }

  /** Reads the ready-made scenarios. */
  async routes(logger: Logger): Promise<(app: FastifyInstance) => void> {
    const shipped = this.#shipped;
    const parts = { troublemaker: this.#troublemaker, readyMade: await readyMadeScenarios(shipped), logger };
    return (app) => registerScenarioRoutes(app, parts);
  }
}

function sessionTimeoutMs({ session }: Scenario, configured: { readonly sessionTimeoutMs: number }): number {
  return session.timeout_seconds === undefined ? configured.sessionTimeoutMs : session.timeout_seconds * 1000;
}
