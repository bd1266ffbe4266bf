import { z } from 'zod';
import { distribution } from './distribution.ts';
import { often, whom } from './quantities.ts';

const operation = z.enum(['enhance', 'auto_extend', 'rewrite']);

export const ProviderFaultsSchema = z
  .strictObject({
    operations: z
      .array(operation)
      .max(10)
      .default(['enhance', 'auto_extend', 'rewrite'])
      .meta({ description: 'The operations of the provider that fail.' }),
    fault: z.enum(['none', 'error', 'hang']).default('none').meta({
      description: '`error`: it answers with an error. `hang`: it does not answer before its time-out.',
    }),
    timeout_ms: z.int().min(10).max(3_600_000).default(3000).meta({
      description: 'Limit of a call while `fault` is `hang`, instead of `streaming.prompt.timeout_ms`.',
      unit: 'milliseconds',
    }),
    delay: distribution('Wait before each answer, in addition to the time that the mock needs.').prefault({}),
    ...often,
    ...whom,
  })
  .meta({ description: 'The prompt provider: enhancement, auto-extension, rewrite.' });

export const SafetyFaultsSchema = z
  .strictObject({
    blocked_words: z.array(z.string().min(1).max(200)).max(1000).default([]).meta({
      description: 'A prompt with one of these words is blocked: `prompt_blocked`. Case is ignored.',
    }),
    unavailable: z.boolean().default(false).meta({
      description:
        'The filter does not answer; `streaming.safety.on_unavailable` decides what happens, by default no prompt is used.',
    }),
    ...whom,
  })
  .meta({ description: 'The prompt safety filter.' });
