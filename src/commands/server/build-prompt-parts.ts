import type { ServeConfig } from '../../core/base/config/serve-schema/serve-config.ts';
import type { Logger } from '../../core/base/log.ts';
import { type ConfiguredEnhancer, enhancerFromConfig } from '../../core/prompts/enhancer-from-config.ts';
import type { PromptProvider } from '../../core/prompts/provider.ts';
import { createEchoProvider } from '../../core/prompts/providers/echo-provider.ts';
import { safetyFromConfig } from '../../core/safety/safety-from-config.ts';
import type { ServerMetrics } from '../../core/server/metrics.ts';
import { PromptGate } from '../../core/server/prompt-gate.ts';
import type { ServerCommand } from './server-command-options.ts';

interface PromptParts {
  readonly gate: PromptGate;
  /** Unset: no provider is configured. */
  readonly prompts: ConfiguredEnhancer | undefined;
}

/** The safety filter and the enhancer of the config. Throws `start_failed`. */
export async function buildPromptParts(
  command: ServerCommand,
  { streaming }: ServeConfig,
  metrics: ServerMetrics,
  logger: Logger,
): Promise<PromptParts> {
  const prompts = await enhancerFromConfig(streaming.prompt, process.env, logger, {
    onCall: ({ provider, outcome, latencyMs }) => metrics.providerCalled(provider, outcome, latencyMs),
    // The same file serves both commands: `mock` needs no key, as it needs no model.
    ...(command === 'mock' ? { providers: [await mockProvider()] } : {}),
  });
  const filter = await safetyFromConfig(streaming.safety, logger);
  return { gate: new PromptGate(filter, streaming.safety.on_unavailable, metrics), prompts };
}

async function mockProvider(): Promise<PromptProvider> {
  const { writeScene, writingTime } = await import('../../core/mock/prompts/scene-writer.ts');
  return createEchoProvider('echo', { write: writeScene, latencyMs: writingTime });
}
