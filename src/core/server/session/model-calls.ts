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

/** What came of a rewrite of prompts. */
export type WrittenPrompts =
  | {
      readonly kind: 'written';
      readonly prompts: readonly string[];
      readonly raw: string;
      /** What the model calls them, where it says so. */
      readonly id?: string;
      readonly label?: string;
      readonly model: string;
      readonly fallbackUsed: boolean;
      readonly latencyMs: number;
    }
  /** The safety filter does not let one of them through: none is used. */
  | { readonly kind: 'blocked'; readonly error: FastVideoError; readonly latencyMs: number }
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
    const { provider: _, latencyMs: tookMs, ...rewrite } = await enhancer.rewrite(prompts, options);
    const latencyMs = roundMs(tookMs);
    const objections = await gate.objections(rewrite.prompts, options.signal);
    const index = objections.findIndex((objection) => objection !== undefined);
    const objection = objections[index];
    if (!objection) return { kind: 'written', ...rewrite, latencyMs };
    const message = `Prompt ${index + 1} of the rewrite cannot be used, so the old prompts stay. ${objection.message}`;
    const { code, retryable } = objection;
    const error = new FastVideoError(code, message, { cause: objection, retryable });
    return { kind: 'blocked', error, latencyMs };
  } catch (error) {
    return { kind: 'failed', error, latencyMs: roundMs(performance.now() - begunAt) };
  }
}
