import { z } from 'zod';
import { FastVideoError } from '../../core/base/errors.ts';
import {
  type ProviderName,
  type ProviderSettings,
  providerNames,
} from '../../core/prompts/providers/known-providers.ts';

const operations = ['enhance', 'auto-extend', 'rewrite'] as const;
const reactions = ['fail', 'keep', 'skip'] as const;

const OptionsSchema = z.object({
  op: z.enum(operations, { error: `must be ${listed(operations)}` }),
  count: whole(1, 20).optional(),
  provider: z
    .string()
    .transform((names) => names.split(',').map((name) => name.trim()))
    .refine(
      (names): names is ProviderName[] =>
        names.every((name) => providerNames.some((known) => known === name)),
      `must be ${listed(providerNames)}, or several separated by commas`,
    )
    .refine((names) => names.filter((name) => name === 'openai').length < 2, 'must name openai once')
    .optional(),
  model: z.string().min(1, 'must not be empty'),
  baseUrl: z
    .string()
    .refine(
      (url) => URL.canParse(url) && /^https?:\/\/[^/@]+(\/|$)/.test(url),
      'must be an http or https URL',
    )
    .optional(),
  systemPrompt: z.string().optional(),
  temperature: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a number from 0 to 2')
    .transform(Number)
    .refine((value) => value <= 2, 'must be a number from 0 to 2'),
  maxTokens: whole(1, 1_000_000),
  timeout: whole(1, 3_600_000),
  concurrency: whole(1, 256),
  onError: z.enum(reactions, { error: `must be ${listed(reactions)}` }),
  json: z.boolean().default(false),
});

export interface EnhanceCommandOptions {
  readonly operation: (typeof operations)[number];
  /** Alternatives to each prompt; of a rewrite only. */
  readonly count: number;
  /** In the order in which they are asked. */
  readonly providers: readonly ProviderSettings[];
  readonly systemPromptFile: string | undefined;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly onError: (typeof reactions)[number];
  readonly json: boolean;
}

/** Throws `usage` with every problem. */
export function readEnhanceOptions(options: Readonly<Record<string, unknown>>): EnhanceCommandOptions {
  const result = OptionsSchema.safeParse(options);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => {
      const key = String(issue.path[0] ?? '');
      const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return `--${flag} "${String(options[key])}" ${issue.message}`;
    });
    throw new FastVideoError('usage', `${problems.join('; ')}.`);
  }
  const { op, count, provider, model, baseUrl, systemPrompt, timeout, ...rest } = result.data;
  if (count !== undefined && op !== 'rewrite') {
    throw new FastVideoError('usage', '--count needs --op rewrite.');
  }
  return {
    ...rest,
    operation: op,
    count: count ?? 3,
    providers: settings(provider ?? [baseUrl === undefined ? 'cerebras' : 'openai'], model, baseUrl),
    systemPromptFile: systemPrompt,
    timeoutMs: timeout,
  };
}

/** The base URL is that of `openai`; where it is not asked, that of the first provider. */
function settings(
  names: readonly ProviderName[],
  model: string,
  baseUrl: string | undefined,
): ProviderSettings[] {
  const needsUrl = names.includes('openai');
  if (needsUrl && baseUrl === undefined) {
    throw new FastVideoError(
      'usage',
      '--provider openai needs --base-url, e.g. --base-url http://127.0.0.1:11434/v1.',
    );
  }
  const at = needsUrl ? names.indexOf('openai') : 0;
  return names.map((provider, index) => ({ provider, model, baseUrl: index === at ? baseUrl : undefined }));
}

function whole(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
