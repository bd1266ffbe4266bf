import { FastVideoError, systemErrorCode } from '../../core/base/errors.ts';
import { readText } from '../../core/base/read-text.ts';
import { systemReason } from '../../core/base/system-reason.ts';
import { createPromptEnhancer, type ProviderEnhancer } from '../../core/prompts/create-prompt-enhancer.ts';
import { createProviders } from '../../core/prompts/enhancer-from-config.ts';
import type { PromptProvider } from '../../core/prompts/provider.ts';
import { builtInTexts } from '../../core/prompts/system/built-in-texts.ts';
import type { EnhanceCommandOptions } from './enhance-command-options.ts';

const textKeys = { enhance: 'enhance', 'auto-extend': 'autoExtend', rewrite: 'rewrite' } as const;

/** Throws `start_failed` for a missing key and `usage` for a system prompt that cannot be read. */
export async function buildEnhancer(options: EnhanceCommandOptions): Promise<ProviderEnhancer> {
  const providers = providersOf(options);
  const { systemPromptFile: file } = options;
  const text = file === undefined ? undefined : await readSystemPrompt(file);
  const texts = text === undefined ? builtInTexts : { ...builtInTexts, [textKeys[options.operation]]: text };
  return createPromptEnhancer({
    providers,
    systemPrompts: { current: async () => texts },
    timeoutMs: options.timeoutMs,
    waitsForRetryAfter: true,
    temperature: options.temperature,
    maxTokens: options.maxTokens,
  });
}

function providersOf(options: EnhanceCommandOptions): PromptProvider[] {
  try {
    return createProviders(options.providers, process.env);
  } catch (error) {
    if (!(error instanceof FastVideoError)) throw error;
    throw new FastVideoError(error.code, `${error.message} --provider echo works offline.`, { cause: error });
  }
}

async function readSystemPrompt(path: string): Promise<string> {
  let text: string;
  try {
    text = (await readText(path)).trim();
  } catch (error) {
    const reason = systemErrorCode(error) === 'ENOENT' ? 'there is no such file' : systemReason(error);
    throw new FastVideoError('usage', `The system prompt ${path} cannot be read: ${reason}.`, {
      cause: error,
    });
  }
  if (text === '') throw new FastVideoError('usage', `The system prompt ${path} is empty.`);
  return text;
}
