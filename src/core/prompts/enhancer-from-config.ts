import type { ServeConfig } from '../base/config/serve-schema/serve-config.ts';
import type { Logger } from '../base/log.ts';
import {
  createPromptEnhancer,
  type PromptEnhancerOptions,
  type ProviderEnhancer,
} from './create-prompt-enhancer.ts';
import type { PromptProvider } from './provider.ts';
import { createProvider, type ProviderSettings } from './providers/known-providers.ts';
import { loadSystemPrompts, type SystemPrompts } from './system/system-prompts.ts';

export type PromptConfig = ServeConfig['streaming']['prompt'];

export interface ConfiguredEnhancer {
  /** Unset: no provider is configured. */
  readonly enhancer: ProviderEnhancer | undefined;
  readonly systemPrompts: SystemPrompts;
}

interface EnhancerOverrides extends Pick<PromptEnhancerOptions, 'onCall' | 'now'> {
  /** In place of those in the config. */
  readonly providers?: readonly PromptProvider[];
  /** The limit of the call that begins now, in milliseconds; default the configured one. */
  readonly timeoutOf?: (configuredMs: number) => number;
}

/**
 * The enhancer that `streaming.prompt` describes, none while it is not enabled, and the texts that models are told. Throws `start_failed` when a
 * provider has no key, with the variable to set, and when a system prompt cannot be read.
 *
 * @param env - the environment with the providers' keys
 */
export async function enhancerFromConfig(
  config: PromptConfig,
  env: Readonly<Record<string, string | undefined>>,
  logger: Logger,
  { timeoutOf = (configuredMs) => configuredMs, ...options }: EnhancerOverrides = {},
): Promise<ConfiguredEnhancer> {
  const systemPrompts = await loadSystemPrompts(config.system_prompt_dir, { logger });
  if (!config.enabled) return { enhancer: undefined, systemPrompts };
  const providers =
    options.providers ??
    createProviders(
      [config, ...config.fallbacks].map(({ provider, model = config.model, base_url, api_key }) => ({
        provider,
        model,
        baseUrl: base_url,
        apiKey: api_key,
      })),
      env,
    );
  const enhancer = createPromptEnhancer({
    ...options,
    providers,
    systemPrompts,
    get timeoutMs() {
      return timeoutOf(config.timeout_ms);
    },
    ...(config.strategy === 'race' ? { raceDelayMs: config.race_delay_ms } : {}),
    temperature: config.temperature,
    maxTokens: config.token_limit,
    logger,
  });
  return { enhancer, systemPrompts };
}

/** Each with a name of its own: a second `openai` is called `openai-2`. Throws `start_failed`. */
export function createProviders(
  settings: readonly ProviderSettings[],
  env: Readonly<Record<string, string | undefined>>,
): PromptProvider[] {
  const counts = new Map<string, number>();
  return settings.map((each) => {
    const count = (counts.get(each.provider) ?? 0) + 1;
    counts.set(each.provider, count);
    return createProvider(each, env, count === 1 ? each.provider : `${each.provider}-${count}`);
  });
}
