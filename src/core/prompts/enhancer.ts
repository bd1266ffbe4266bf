import type { PromptPlace } from './provider.ts';

/** What a provider answered, and how. */
export interface Completion {
  /** The prompt that came out, trimmed, on one line. */
  readonly content: string;
  readonly provider: string;
  readonly model: string;
  readonly latencyMs: number;
  /** Whether a provider before it in the list could not answer. */
  readonly fallbackUsed: boolean;
}

export interface Rewrite extends Omit<Completion, 'content'> {
  /** The new prompts, without numbers and bullets. */
  readonly prompts: readonly string[];
  /** What the model wrote. */
  readonly raw: string;
  /** What the model calls them, where it says so. */
  readonly id?: string;
  readonly label?: string;
}

export interface CompletionOptions {
  /** Cancels the call at the provider. */
  readonly signal?: AbortSignal;
  /** In place of the configured one. */
  readonly model?: string;
  readonly temperature?: number;
  /** What the model is told first, in place of the operator's text. */
  readonly systemPrompt?: string;
}

export interface EnhanceOptions extends CompletionOptions {
  /** Unset: nothing is known but the prompt. */
  readonly place?: PromptPlace;
}

export interface ExtendOptions extends CompletionOptions {
  /** The number of the segment to write, from 1. */
  readonly segment?: number;
}

export interface RewriteOptions extends CompletionOptions {
  /** What the user wants changed. */
  readonly instruction?: string;
  /** How many prompts to make; default as many as were given. */
  readonly count?: number;
  /** The prompts given are a wish, and those of the video are yet to be written. Default: when none are given. */
  readonly anew?: boolean;
  /** What the prompts are called. */
  readonly id?: string;
  readonly label?: string;
}

/**
 * Makes prompts better, and makes new ones. All calls throw `prompt_failed` (a `FastVideoError` whose `retryable` says
 * whether the same call may work later), `invalid_message` for an empty prompt, and the signal's reason.
 */
export interface PromptEnhancer {
  /** Asked first by calls that name no other. */
  readonly model: string;
  /** Of calls that name no other; unset: the provider's. */
  readonly temperature?: number;
  /** The same wish in more and better words, which fit what was told before. */
  enhance(prompt: string, options?: EnhanceOptions): Promise<Completion>;
  /** A prompt that goes on from the earlier ones, the oldest first. */
  autoExtend(previous: readonly string[], options?: ExtendOptions): Promise<Completion>;
  /** New prompts in place of the given ones. */
  rewrite(prompts: readonly string[], options?: RewriteOptions): Promise<Rewrite>;
  close(): Promise<void>;
}
