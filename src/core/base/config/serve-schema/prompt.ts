import { z } from 'zod';
import { type KeyMeta, text } from './quantities.ts';

// What must be given for `openai` is checked below, in a config and in a fallback alike.
const provider = z.enum(['cerebras', 'groq', 'openai', 'echo']);

function baseUrl(meta: KeyMeta) {
  return z
    .string()
    .refine((url) => URL.canParse(url) && /^https?:\/\/[^/@]+(\/|$)/.test(url), {
      error: 'must be an http or https URL with the version, e.g. "http://127.0.0.1:11434/v1"',
    })
    .optional()
    .meta(meta as z.core.GlobalMeta);
}

const needsBaseUrl = {
  path: ['base_url'],
  message: 'must be the URL of an OpenAI-compatible endpoint while the provider is openai',
};
const hasBaseUrl = (one: { provider: string; base_url?: string | undefined }) =>
  one.provider !== 'openai' || one.base_url !== undefined;

const FallbackSchema = z
  .strictObject({
    provider,
    model: text("The fallback's model."),
    base_url: baseUrl({ description: 'Address of its endpoint.' }),
    api_key: text('Its key.', { secret: true }),
  })
  .refine(hasBaseUrl, needsBaseUrl);

export const PromptSchema = z
  .strictObject({
    enabled: z.boolean().default(false).meta({
      description: 'Whether a provider enhances, extends and rewrites prompts.',
      defaultNote: '`true` for `mock`',
    }),
    provider: provider.default('cerebras').meta({
      description:
        'Provider that is asked first: `cerebras`, `groq`, `openai` (any OpenAI-compatible endpoint, such as vLLM, Ollama or llama.cpp, at `base_url`) or `echo` (offline: returns the prompt with a small change). `mock` always writes its own texts.',
      defaultNote: '`echo` for `mock`',
    }),
    model: z.string().min(1).default('gpt-oss-120b').meta({ description: "The provider's model." }),
    timeout_ms: z.int().min(1).max(3_600_000).default(20_000).meta({
      description: 'How long one call may take.',
      unit: 'milliseconds',
    }),
    system_prompt_dir: text(
      'Folder with `enhance.txt`, `auto_extend.txt`, `rewrite.txt` and `rewrite_user.txt`.',
      {
        defaultNote: 'the built-in texts',
      },
    ),
    base_url: baseUrl({
      description: 'Address of the endpoint, including the version, e.g. `http://127.0.0.1:11434/v1`.',
      defaultNote: "the provider's own; `openai` needs one",
    }),
    api_key: text('Key of the provider.', {
      secret: true,
      defaultNote: '`CEREBRAS_API_KEY`, `GROQ_API_KEY` or, not required, `OPENAI_API_KEY`',
    }),
    temperature: z.number().min(0).max(2).default(0.7).meta({
      description: 'Sampling temperature of the model; 0 always gives the same text.',
    }),
    // Not `max_tokens`: what ends in `tokens` is taken for a secret and masked by --print-config.
    token_limit: z.int().min(1).max(1_000_000).default(2048).meta({
      description: 'Longest answer, including the reasoning of the model.',
      unit: 'tokens',
    }),
    strategy: z.enum(['ordered', 'race']).default('ordered').meta({
      description:
        'Whether a fallback is asked when the provider before it could not answer (`ordered`), or also when that has not answered for `race_delay_ms` (`race`): the first answer counts, and cancels the other calls.',
    }),
    race_delay_ms: z.int().min(0).max(3_600_000).default(500).meta({
      description:
        'How long a race waits for one provider before it asks the next one as well; 0: it asks all at once.',
      unit: 'milliseconds',
    }),
    fallbacks: z.array(FallbackSchema).max(16).default([]).meta({
      description:
        'Providers that are asked, in this order, when the earlier ones cannot answer: each with `provider`, `model` (default: the one above), `base_url` and `api_key`.',
      secret: true,
    }),
  })
  .refine(hasBaseUrl, needsBaseUrl)
  .meta({ description: 'The prompt enhancer.' });
