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
      .meta({ description: 'What goes wrong, of what a prompt provider does.' }),
    fault: z.enum(['none', 'error', 'hang']).default('none').meta({
      description: '`error`: it answers with an error. `hang`: it does not answer before its time-out.',
    }),
    timeout_ms: z.int().min(10).max(3_600_000).default(3000).meta({
      description: 'Limit of a call while `fault` is `hang`, in place of `streaming.prompt.timeout_ms`.',
      unit: 'milliseconds',
    }),
    delay: distribution('Wait before each answer, beside what the mock takes to write.').prefault({}),
    ...often,
    ...whom,
  })
  .meta({ description: 'The prompt provider: enhancement, auto-extension, rewrite.' });

export const SafetyFaultsSchema = z
  .strictObject({
    blocked_words: z.array(z.string().min(1).max(200)).max(1000).default([]).meta({
      description:
        'A prompt with one of these words is blocked: `prompt_blocked`. Upper and lower case are the same.',
    }),
    unavailable: z.boolean().default(false).meta({
      description:
        'The filter cannot be asked; `streaming.safety.on_unavailable` says what that means, by default that no prompt is used.',
    }),
    ...whom,
  })
  .meta({ description: 'The prompt safety filter.' });
