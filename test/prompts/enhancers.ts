import {
  createPromptEnhancer,
  type PromptEnhancerOptions,
  type ProviderEnhancer,
} from '../../src/core/prompts/create-prompt-enhancer.ts';
import { createChatProvider } from '../../src/core/prompts/providers/chat-provider.ts';
import { builtInTexts } from '../../src/core/prompts/system/built-in-texts.ts';
import type { StandInProvider } from '../support/stand-in-provider.ts';

/** An enhancer over stand-ins, called `one`, `two` and so on. */
export function enhancerOver(
  standIns: readonly StandInProvider[],
  options: Partial<PromptEnhancerOptions> = {},
): ProviderEnhancer {
  const names = ['one', 'two', 'three'];
  return createPromptEnhancer({
    providers: standIns.map(({ baseUrl }, index) =>
      createChatProvider({
        name: names[index] ?? 'more',
        baseUrl,
        model: `model-${index + 1}`,
        apiKey: 'sk-secret',
      }),
    ),
    systemPrompts: { current: async () => builtInTexts },
    timeoutMs: 20_000,
    ...options,
  });
}
