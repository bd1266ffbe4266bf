import type { ServeConfig } from '../../core/base/config/serve-schema/serve-config.ts';
import type { Logger } from '../../core/base/log.ts';
import { type ConfiguredEnhancer, enhancerFromConfig } from '../../core/prompts/enhancer-from-config.ts';
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
  // The same file serves both commands: `mock` needs no key, as it needs no model.
  const config =
    command === 'mock' ? { ...streaming.prompt, provider: 'echo' as const, fallbacks: [] } : streaming.prompt;
  const prompts = await enhancerFromConfig(config, process.env, logger, {
    onCall: ({ provider, outcome, latencyMs }) => metrics.providerCalled(provider, outcome, latencyMs),
  });
  const filter = await safetyFromConfig(streaming.safety, logger);
  return { gate: new PromptGate(filter, streaming.safety.on_unavailable, metrics), prompts };
}
