import { FastVideoError } from '../base/errors.ts';

/** What is wanted, for a provider that makes its answer itself. */
export type PromptTask =
  | { readonly operation: 'enhance'; readonly prompt: string; readonly place?: PromptPlace }
  | {
      readonly operation: 'auto_extend';
      readonly previous: readonly string[];
      /** The number of the segment to write, from 1. */
      readonly segment?: number;
    }
  | {
      readonly operation: 'rewrite';
      readonly prompts: readonly string[];
      readonly instruction: string;
      readonly count: number;
      /** Whether the prompts are a wish, and those of the video are yet to be written. */
      readonly anew: boolean;
      /** What the prompts are called. */
      readonly id?: string;
      readonly label?: string;
    };

/** What a prompt is for: a segment of a video that goes on, or a clip that stands by itself. */
export type PromptPlace =
  | {
      readonly kind: 'segment';
      /** From 1. */
      readonly segment: number;
      /** The prompts of the segments before it, the oldest first. */
      readonly previous: readonly string[];
    }
  | { readonly kind: 'clip' };

/** One question to a chat model. */
export interface ChatRequest {
  readonly task: PromptTask;
  /** The same task as the two messages of a chat. */
  readonly system: string;
  readonly user: string;
  /** In place of the provider's own. */
  readonly model?: string;
  readonly temperature?: number;
  /** Longest answer, thoughts included, in tokens. */
  readonly maxTokens?: number;
}

export interface ChatAnswer {
  /** As the model wrote it; never blank. */
  readonly text: string;
  readonly model: string;
  /** Whether the answer stopped at the longest length. */
  readonly cutOff: boolean;
}

/** Something that answers. The time limit is the caller's: it aborts the signal. */
export interface PromptProvider {
  /** As logs, metrics and frames call it. */
  readonly name: string;
  /** Asked unless a request names another. */
  readonly model: string;
  /** Throws `ProviderFailure`, and the signal's reason. */
  complete(request: ChatRequest, signal: AbortSignal): Promise<ChatAnswer>;
}

/** `prompt_failed` of one provider. Where it is retryable the next provider is asked. */
export class ProviderFailure extends FastVideoError {
  /** How long the provider asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: {
      readonly retryable: boolean;
      readonly cause?: unknown;
      readonly retryAfterMs?: number | undefined;
    },
  ) {
    super('prompt_failed', message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}
