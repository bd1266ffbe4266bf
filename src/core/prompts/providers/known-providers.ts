import { FastVideoError } from '../../base/errors.ts';
import type { PromptProvider } from '../provider.ts';
import { createChatProvider } from './chat-provider.ts';
import { createEchoProvider } from './echo-provider.ts';

export const providerNames = ['cerebras', 'groq', 'openai', 'echo'] as const;
export type ProviderName = (typeof providerNames)[number];

export interface ProviderSettings {
  readonly provider: ProviderName;
  readonly model: string;
  readonly baseUrl?: string | undefined;
  /** In place of the one in the environment. */
  readonly apiKey?: string | undefined;
}

interface KnownService {
  readonly baseUrl: string;
  readonly keyVariable: string;
  /** Where the service calls a model otherwise. */
  readonly modelNames: Readonly<Record<string, string>>;
}

const services = {
  cerebras: { baseUrl: 'https://api.cerebras.ai/v1', keyVariable: 'CEREBRAS_API_KEY', modelNames: {} },
  groq: {
    baseUrl: 'https://api.groq.com/openai/v1',
    keyVariable: 'GROQ_API_KEY',
    modelNames: { 'gpt-oss-120b': 'openai/gpt-oss-120b', 'gpt-oss-20b': 'openai/gpt-oss-20b' },
  },
} as const satisfies Record<string, KnownService>;

/**
 * The provider that the settings name. Throws `start_failed` when it needs a key and has none, or one that no header can
 * carry, or needs a base URL.
 *
 * @param env - where the key is looked for: `CEREBRAS_API_KEY`, `GROQ_API_KEY`, and, not required, `OPENAI_API_KEY`
 * @param name - how logs and frames call it; default the settings' own
 */
export function createProvider(
  settings: ProviderSettings,
  env: Readonly<Record<string, string | undefined>>,
  name: string = settings.provider,
): PromptProvider {
  const { provider, model, baseUrl } = settings;
  if (provider === 'echo') return createEchoProvider(name);
  const apiKey = (variable: string) =>
    readKey(settings.apiKey, 'api_key', provider) ?? readKey(env[variable], variable, provider);
  if (provider === 'openai') {
    if (baseUrl === undefined) {
      throw new FastVideoError('start_failed', 'The prompt provider openai needs a base URL.');
    }
    const isOpenAi = new URL(baseUrl).hostname === 'api.openai.com';
    return createChatProvider({
      name,
      baseUrl,
      model,
      apiKey: apiKey('OPENAI_API_KEY'),
      tokenLimitField: isOpenAi ? 'max_completion_tokens' : 'max_tokens',
    });
  }
  const service: KnownService = services[provider];
  const key = apiKey(service.keyVariable);
  if (key === undefined) {
    throw new FastVideoError(
      'start_failed',
      `The prompt provider ${provider} needs a key: set ${service.keyVariable}.`,
    );
  }
  return createChatProvider({
    name,
    baseUrl: baseUrl ?? service.baseUrl,
    model: service.modelNames[model] ?? model,
    apiKey: key,
    tokenLimitField: 'max_completion_tokens',
  });
}

/** Without the line break of a mounted secret; an empty one is none. Throws `start_failed`, without the key. */
function readKey(value: string | undefined, source: string, provider: string): string | undefined {
  const key = value?.trim();
  if (!key) return undefined;
  const at = key.search(/[^\x21-\x7e]/);
  if (at < 0) return key;
  throw new FastVideoError(
    'start_failed',
    `The key of the prompt provider ${provider} (${source}) contains a character (position ${at + 1}) that is not a visible ASCII character: copy the key again.`,
  );
}
