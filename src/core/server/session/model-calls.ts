import { FastVideoError } from '../../base/errors.ts';
import type { Completion, PromptEnhancer, RewriteOptions } from '../../prompts/enhancer.ts';
import type { PromptGate } from '../prompt-gate.ts';
import { roundMs } from '../round-ms.ts';

/** What came of asking a model for a prompt. */
export type WrittenPrompt =
  | { readonly kind: 'written'; readonly completion: Completion; readonly latencyMs: number }
  /** The safety filter does not let it through: what a model wrote is looked at like what a person wrote. */
  | { readonly kind: 'blocked'; readonly error: FastVideoError; readonly latencyMs: number }
  | { readonly kind: 'failed'; readonly error: unknown; readonly latencyMs: number };

/** Never rejects. */
export async function writePrompt(
  ask: () => Promise<Completion>,
  gate: PromptGate,
  signal: AbortSignal,
): Promise<WrittenPrompt> {
  const begunAt = performance.now();
  const sinceBegun = () => roundMs(performance.now() - begunAt);
  try {
    const completion = await ask();
    const error = await gate.objection([completion.content], signal);
    if (error) return { kind: 'blocked', error, latencyMs: sinceBegun() };
    return { kind: 'written', completion, latencyMs: roundMs(completion.latencyMs) };
  } catch (error) {
    return { kind: 'failed', error, latencyMs: sinceBegun() };
  }
}

/** What came of a rewrite of prompts; those that the safety filter does not let through are left out. */
export type WrittenPrompts =
  | {
      readonly kind: 'written';
      readonly prompts: readonly string[];
      readonly raw: string;
      readonly model: string;
      readonly fallbackUsed: boolean;
      readonly latencyMs: number;
    }
  | { readonly kind: 'failed'; readonly error: unknown; readonly latencyMs: number };

/** Never rejects. */
export async function rewritePrompts(
  enhancer: PromptEnhancer,
  gate: PromptGate,
  prompts: readonly string[],
  options: RewriteOptions & { readonly signal: AbortSignal },
): Promise<WrittenPrompts> {
  const begunAt = performance.now();
  try {
    const {
      prompts: written,
      raw,
      model,
      fallbackUsed,
      latencyMs,
    } = await enhancer.rewrite(prompts, options);
    const objections = await gate.objections(written, options.signal);
    const allowed = written.filter((_, index) => objections[index] === undefined);
    if (allowed.length === 0) {
      const first = objections.find((one) => one !== undefined);
      throw first ?? new FastVideoError('prompt_failed', 'The model wrote no prompt.');
    }
    return { kind: 'written', prompts: allowed, raw, model, fallbackUsed, latencyMs: roundMs(latencyMs) };
  } catch (error) {
    return { kind: 'failed', error, latencyMs: roundMs(performance.now() - begunAt) };
  }
}
