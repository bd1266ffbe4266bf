import { z } from 'zod';

/** Adapters of one server; each has a place in every answer and metric. */
const mostAdapters = 64;

const nameRule =
  'must be of lower-case letters, digits, "-", "_" and ".", 64 at most, and other than "none" (which stands for no adapter)';

const AdapterSchema = z
  .strictObject({
    name: z
      .string()
      .superRefine((name, context) => {
        if (/^[a-z0-9][a-z0-9_.-]{0,63}$/.test(name) && name !== 'none') return;
        context.addIssue({ code: 'custom', message: nameRule });
      })
      .meta({ description: 'Name by which clients ask for it.' }),
    label: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'What people read.', defaultNote: 'the name' }),
    path: z.string().min(1).optional().meta({
      description:
        'LoRA weights: a `.safetensors` file, a folder, or the id of a repository. FastVideo needs it; `mock` does not read it.',
    }),
    base: z.boolean().default(false).meta({
      description:
        'Whether it belongs to every choice, with the `strength` of `POST /lora`; one of them at most. Others are styles, which are chosen by name.',
    }),
    strength: z.number().min(0).max(1).default(0).meta({
      description: 'Strength from the start of the server on, 0 to 1; 0: not before it is asked for.',
    }),
    trigger: z
      .string()
      .max(200)
      .superRefine((trigger, context) => {
        if (/^\S(.*\S)?$/.test(trigger)) return;
        context.addIssue({ code: 'custom', message: 'must be words in one line, without space around them' });
      })
      .optional()
      .meta({ description: 'Words that every prompt gets while it is applied, unless they stand there.' }),
    trigger_position: z
      .enum(['prepend', 'append'])
      .default('append')
      .meta({ description: 'Whether the trigger stands before or behind the prompt: `prepend`, `append`.' }),
  })
  .meta({ description: 'A LoRA adapter.' });
export type AdapterConfig = z.output<typeof AdapterSchema>;

export const AdaptersSchema = z
  .array(AdapterSchema)
  .max(mostAdapters)
  .superRefine((adapters, context) => {
    for (const [index, { name, base }] of adapters.entries()) {
      const before = adapters.slice(0, index);
      if (before.some((other) => other.name === name)) {
        context.addIssue({
          code: 'custom',
          path: [index, 'name'],
          message: 'must be a name that no other adapter has',
        });
      }
      const firstBase = base ? before.find((other) => other.base) : undefined;
      if (firstBase) {
        context.addIssue({
          code: 'custom',
          path: [index, 'base'],
          message: `must be true for one adapter only (it is for "${firstBase.name}")`,
        });
      }
    }
  });
