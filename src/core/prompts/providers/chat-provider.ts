import type { OpenAI } from 'openai';
import { type ChatAnswer, type ChatRequest, type PromptProvider, ProviderFailure } from '../provider.ts';
import { readAnswer } from './chat-answer.ts';
import { chatFailure } from './chat-failure.ts';

export interface ChatProviderOptions {
  readonly name: string;
  /** With the version, e.g. `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  readonly model: string;
  /** Left out: no `Authorization` header is sent. */
  readonly apiKey?: string | undefined;
  /** How the endpoint calls the longest answer; default `max_tokens`, which every server of models takes. */
  readonly tokenLimitField?: 'max_tokens' | 'max_completion_tokens';
}

/** The time limit is the caller's, and covers the body too; the SDK's own must not come first. */
const neverMs = 2 ** 31 - 1;

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
      let body: string;
      try {
        const call = openai.chat.completions.create(parameters(options, request, model), { signal });
        const response = await call.asResponse();
        body = await readBody(response, options.name);
      } catch (error) {
        signal.throwIfAborted();
        throw chatFailure(error, options);
      }
      return readAnswer(body, options.name, model);
    },
  };
}

async function createClient({ baseUrl, apiKey }: ChatProviderOptions): Promise<OpenAI> {
  const { default: OpenAIClient } = await import('openai');
  return new OpenAIClient({
    baseURL: baseUrl,
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

/** Longest answer in bytes: more than any prompt, and nothing that fills the memory. */
const maxBodyBytes = 4 * 1024 * 1024;

async function readBody(response: Response, name: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the rest of the body.
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > maxBodyBytes) {
      throw new ProviderFailure(`${name} answered with more than ${maxBodyBytes} bytes`, { retryable: true });
    }
    parts.push(part);
  }
  return Buffer.concat(parts, length).toString('utf8');
}
