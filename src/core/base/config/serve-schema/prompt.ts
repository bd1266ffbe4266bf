import { z } from 'zod';
import { flag, text } from './quantities.ts';

export const PromptSchema = z
  .strictObject({
    enabled: flag(false, 'Whether a provider enhances, extends and rewrites prompts.'),
    provider: z
      .enum(['cerebras', 'groq'])
      .default('cerebras')
      .meta({ description: 'Provider that is asked first.' }),
    model: z.string().min(1).default('gpt-oss-120b').meta({ description: "The provider's model." }),
    timeout_ms: z.int().min(1).max(3_600_000).default(20_000).meta({
      description: 'How long one call may take.',
      unit: 'milliseconds',
    }),
    system_prompt_dir: text('Folder with `enhance.txt`, `auto_extend.txt` and `rewrite.txt`.', {
      defaultNote: 'the built-in texts',
    }),
  })
  .meta({ description: 'The prompt enhancer.' });
