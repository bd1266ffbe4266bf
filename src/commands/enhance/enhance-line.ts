import { FastVideoError } from '../../core/base/errors.ts';
import type { Completion, PromptEnhancer } from '../../core/prompts/enhancer.ts';
import type { EnhanceCommandOptions } from './enhance-command-options.ts';

/** What came out for one line. */
export interface LineResult {
  readonly prompt: string;
  /** One text, or the alternatives of a rewrite; undefined for a prompt that failed. */
  readonly content: string | readonly string[] | undefined;
  readonly answer: Omit<Completion, 'content'> | undefined;
  readonly error: FastVideoError | undefined;
}

/** Works on one line. A blank one stays blank. With `onError: 'fail'` it throws, and always the signal's reason. */
export async function enhanceLine(
  enhancer: PromptEnhancer,
  { operation, count, onError }: EnhanceCommandOptions,
  line: string,
  index: number,
  signal: AbortSignal,
): Promise<LineResult> {
  const prompt = line.trim();
  if (prompt === '') return { prompt, content: '', answer: undefined, error: undefined };
  try {
    switch (operation) {
      case 'enhance': {
        const { content, ...answer } = await enhancer.enhance(prompt, { signal });
        return { prompt, content, answer, error: undefined };
      }
      case 'auto-extend': {
        const { content, ...answer } = await enhancer.autoExtend([prompt], { signal });
        return { prompt, content, answer, error: undefined };
      }
      case 'rewrite': {
        const { prompts, raw: _, ...answer } = await enhancer.rewrite([prompt], { signal, count });
        return { prompt, content: prompts, answer, error: undefined };
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof FastVideoError) || error.entry.whose === 'bug') throw error;
    if (onError === 'fail') {
      const { code, message, retryable } = error;
      throw new FastVideoError(code, `Prompt ${index + 1}: ${message}`, { cause: error, retryable });
    }
    return { prompt: line, content: undefined, answer: undefined, error };
  }
}

/** The line that goes out; undefined for a prompt that is skipped. */
export function formatLine(
  { prompt, content, answer, error }: LineResult,
  { json, onError }: Pick<EnhanceCommandOptions, 'json' | 'onError'>,
): string | undefined {
  if (error && onError === 'skip') return undefined;
  if (!json) return typeof content === 'string' ? content : (content?.join('\t') ?? prompt);
  return JSON.stringify({
    prompt,
    content: content ?? prompt,
    provider: answer?.provider ?? null,
    model: answer?.model ?? null,
    latency_ms: answer?.latencyMs ?? null,
    fallback_used: answer?.fallbackUsed ?? false,
    error: error === undefined ? null : { code: error.code, message: error.message },
  });
}
