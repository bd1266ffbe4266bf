import { FastVideoError } from '../base/errors.ts';
import { cleanPrompt } from './clean-answer.ts';
import type { Completion, CompletionOptions, PromptEnhancer, Rewrite } from './enhancer.ts';
import { listedPrompts } from './listed-prompts.ts';
import { type PromptProvider, type PromptTask, ProviderFailure } from './provider.ts';
import {
  type ChainAnswer,
  ProviderChain,
  type ProviderChainOptions,
  type ProviderStats,
} from './provider-chain.ts';
import type { SystemPrompts } from './system/system-prompts.ts';
import { taskMessages } from './task-messages.ts';

export interface PromptEnhancerOptions extends ProviderChainOptions {
  /** In the order in which they are asked. */
  readonly providers: readonly PromptProvider[];
  readonly systemPrompts: Pick<SystemPrompts, 'current'>;
  /** From 0 (always alike) to 2; default the provider's. */
  readonly temperature?: number;
  /** Longest answer, a reasoning model's thoughts included, in tokens; default the provider's. */
  readonly maxTokens?: number;
}

/** A `PromptEnhancer` over providers in order. */
export interface ProviderEnhancer extends PromptEnhancer {
  /** Adds a provider, to be asked before or after all others. */
  register(provider: PromptProvider, place: 'first' | 'last'): void;
  /** What each provider did so far, in the order in which they are asked. */
  stats(): readonly ProviderStats[];
}

/** Of a rewrite that is given no prompts and no count. */
const defaultCount = 3;

/**
 * Asks the first provider, and the next one when it cannot answer. `options.model` of a call is for the first provider;
 * those that stand in for it use their own. `close` cancels what runs; later calls throw `prompt_failed`.
 */
export function createPromptEnhancer(options: PromptEnhancerOptions): ProviderEnhancer {
  const chain = new ProviderChain(options.providers, options);
  const running = new Set<AbortController>();
  let closed = false;

  /** Asks, and has the answer read; an answer that says nothing is the provider's failure. */
  const ask = async <Result>(
    task: PromptTask,
    { signal, model, temperature = options.temperature, systemPrompt }: CompletionOptions,
    read: (answer: ChainAnswer) => Result,
  ): Promise<Result & Omit<Completion, 'content'>> => {
    if (closed)
      throw new FastVideoError('prompt_failed', 'The prompt enhancer is closed.', { retryable: false });
    signal?.throwIfAborted();
    const startedAt = performance.now();
    const controller = new AbortController();
    const onAbort = () => controller.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    running.add(controller);
    try {
      const messages = taskMessages(task, await options.systemPrompts.current());
      const request = {
        ...messages,
        ...(systemPrompt === undefined ? {} : { system: systemPrompt }),
        ...(model === undefined ? {} : { model }),
        ...(temperature === undefined ? {} : { temperature }),
        ...(options.maxTokens === undefined ? {} : { maxTokens: options.maxTokens }),
      };
      const { result, answer } = await chain.ask(request, controller.signal, read);
      return {
        ...result,
        provider: answer.provider,
        model: answer.model,
        latencyMs: Math.round(performance.now() - startedAt),
        fallbackUsed: answer.fallbackUsed,
      };
    } finally {
      running.delete(controller);
      signal?.removeEventListener('abort', onAbort);
    }
  };

  return {
    get model() {
      return chain.model;
    },
    ...(options.temperature === undefined ? {} : { temperature: options.temperature }),

    async enhance(prompt, callOptions = {}): Promise<Completion> {
      const text = prompt.trim();
      if (text === '') throw empty('The prompt to enhance is empty.');
      const { place, ...options } = callOptions;
      const task = { operation: 'enhance', prompt: text, ...(place ? { place } : {}) } as const;
      return ask(task, options, readPrompt);
    },

    async autoExtend(previous, callOptions = {}): Promise<Completion> {
      const texts = full(previous);
      if (texts.length === 0) throw empty('There is no earlier prompt to continue from.');
      const { segment, ...options } = callOptions;
      const task = { operation: 'auto_extend', previous: texts, ...(segment ? { segment } : {}) } as const;
      return ask(task, options, readPrompt);
    },

    async rewrite(prompts, callOptions = {}): Promise<Rewrite> {
      const texts = full(prompts);
      const instruction = callOptions.instruction?.trim() ?? '';
      if (texts.length === 0 && instruction === '') throw empty('There are no prompts to rewrite.');
      const count = callOptions.count ?? (texts.length || defaultCount);
      const anew = callOptions.anew ?? texts.length === 0;
      const { id, label } = callOptions;
      const task: PromptTask = {
        ...{ operation: 'rewrite', prompts: texts, instruction, count, anew },
        ...(id === undefined ? {} : { id }),
        ...(label === undefined ? {} : { label }),
      };
      let miscounted = false;
      const read = ({ text, cutOff, provider }: ChainAnswer) => {
        const listed = listedPrompts(text, cutOff);
        const got = listed.prompts.length;
        miscounted = got < count;
        if (!miscounted) return { ...listed, raw: text };
        throw new ProviderFailure(`${provider} wrote ${got} of ${count} prompts`, { retryable: true });
      };
      const answer = await ask(task, callOptions, read).catch((error: unknown) => {
        // Models miscount; they seldom do so twice.
        if (miscounted) return ask(task, callOptions, read);
        throw error;
      });
      return { ...answer, prompts: answer.prompts.slice(0, count) };
    },

    register: (provider, place) => chain.register(provider, place),
    stats: () => chain.stats(),

    async close(): Promise<void> {
      closed = true;
      const reason = new FastVideoError('prompt_failed', 'The prompt enhancer was closed.', {
        retryable: false,
      });
      for (const controller of running) controller.abort(reason);
    },
  };
}

function readPrompt({ text, cutOff, provider }: ChainAnswer): { readonly content: string } {
  const content = cleanPrompt(text, cutOff);
  if (content === '') throw new ProviderFailure(`${provider} answered without a prompt`, { retryable: true });
  return { content };
}

function full(prompts: readonly string[]): string[] {
  return prompts.map((prompt) => prompt.trim()).filter((prompt) => prompt !== '');
}

function empty(message: string): FastVideoError {
  return new FastVideoError('invalid_message', message);
}
