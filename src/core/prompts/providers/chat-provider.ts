import type { OpenAI } from 'openai';
import { type ChatAnswer, type ChatRequest, type PromptProvider, ProviderFailure } from '../provider.ts';
import { readBody } from './body.ts';
import { readAnswer } from './chat-answer.ts';
import { chatFailure } from './chat-failure.ts';
import { endpointOf } from './endpoint.ts';
import { post } from './post.ts';

export interface ChatProviderOptions {
  readonly name: string;
  /** With the version, e.g. `http://127.0.0.1:11434/v1`; with or without `/chat/completions` and a query. */
  readonly baseUrl: string;
  readonly model: string;
  /** Left out: no `Authorization` header is sent. */
  readonly apiKey?: string | undefined;
  /** How the endpoint calls the longest answer; default `max_tokens`, which every server of models takes. */
  readonly tokenLimitField?: 'max_tokens' | 'max_completion_tokens';
}

/** The time limit is the caller's, and covers the body too; the SDK's own must not come first. */
const neverMs = 2 ** 31 - 1;

/** Longest answer in bytes: more than any prompt, and nothing that fills the memory. */
const maxBodyBytes = 4 * 1024 * 1024;

/** Any endpoint that takes OpenAI's `POST /chat/completions`. The SDK is loaded with the first call. */
export function createChatProvider(options: ChatProviderOptions): PromptProvider {
  let client: Promise<OpenAI> | undefined;
  return {
    name: options.name,
    model: options.model,
    async complete(request, signal): Promise<ChatAnswer> {
      signal.throwIfAborted();
      client ??= createClient(options);
      const openai = await client;
      const model = request.model ?? options.model;
      let body: string | undefined;
      try {
        const call = openai.chat.completions.create(parameters(options, request, model), { signal });
        const response = await call.asResponse();
        body = await readBody(response, maxBodyBytes);
      } catch (error) {
        signal.throwIfAborted();
        throw chatFailure(error, options);
      }
      if (body !== undefined) return readAnswer(body, { ...options, model });
      throw new ProviderFailure(`${options.name} answered with more than ${maxBodyBytes} bytes`, {
        retryable: true,
      });
    },
  };
}

async function createClient({ baseUrl: url, apiKey }: ChatProviderOptions): Promise<OpenAI> {
  const { baseUrl, query } = endpointOf(url);
  const { default: OpenAIClient } = await import('openai');
  return new OpenAIClient({
    baseURL: baseUrl,
    defaultQuery: query,
    fetch: post,
    // The SDK insists on a key; without one the header is taken out again.
    apiKey: apiKey ?? 'none',
    ...(apiKey === undefined ? { defaultHeaders: { Authorization: null } } : {}),
    // What the environment holds for OpenAI's own service is not for others.
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    // Who is asked next, and when, is decided by the chain of providers.
    maxRetries: 0,
    timeout: neverMs,
    // The SDK logs to the console: stdout is for data.
    logLevel: 'off',
  });
}

function parameters(
  { tokenLimitField = 'max_tokens' }: ChatProviderOptions,
  { system, user, temperature, maxTokens }: ChatRequest,
  model: string,
): OpenAI.Chat.ChatCompletionCreateParamsNonStreaming {
  return {
    model,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ],
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { [tokenLimitField]: maxTokens }),
  };
}
