import type { ServeConfig } from '../../core/base/config/serve-schema/serve-config.ts';
import type { Logger } from '../../core/base/log.ts';
import type { Own } from '../../core/base/owned.ts';
import type { Trouble } from '../../core/mock/trouble.ts';
import { type ConfiguredEnhancer, enhancerFromConfig } from '../../core/prompts/enhancer-from-config.ts';
import { safetyFromConfig } from '../../core/safety/safety-from-config.ts';
import type { ServerMetrics } from '../../core/server/metrics.ts';
import { PromptGate } from '../../core/server/prompt-gate.ts';

interface PromptParts {
  readonly gate: PromptGate;
  readonly prompts: ConfiguredEnhancer;
}

/** The safety filter and the enhancer of the config; those of `mock` get its trouble. Throws `start_failed`. */
export async function buildPromptParts(
  { streaming }: ServeConfig,
  metrics: ServerMetrics,
  logger: Logger,
  trouble: Trouble | undefined,
  own: Own,
): Promise<PromptParts> {
  const { prompt, safety } = streaming;
  const onUnavailable = safety.on_unavailable;
  const prompts = await enhancerFromConfig(prompt, process.env, logger, {
    onCall: ({ provider, outcome, latencyMs }) => metrics.providerCalled(provider, outcome, latencyMs),
    // The same file serves both commands: `mock` needs no key, as it needs no model.
    ...(trouble
      ? { providers: [trouble.provider], timeoutOf: (ms: number) => trouble.providerTimeoutMs(ms) }
      : {}),
  });
  own(prompts, (opened) => opened.enhancer?.close());
  const filter = own(await safetyFromConfig(safety, logger), (opened) => opened?.close());
  const gate = trouble
    ? trouble.gate({ filter, onUnavailable, metrics })
    : new PromptGate(filter, onUnavailable, metrics);
  return { gate, prompts };
}
