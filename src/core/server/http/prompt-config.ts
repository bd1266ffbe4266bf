import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { errorMessage, FastVideoError } from '../../base/errors.ts';
import { type ChangeOptions, changeGuard } from './change-guard.ts';
import { refusal } from './refusal.ts';

/** The editable texts, as the file names of `streaming.prompt.system_prompt_dir` have them. */
interface Texts {
  readonly enhance: string;
  readonly autoExtend: string;
  readonly rewrite: string;
  readonly rewriteUser: string;
}

/** What of the system prompts this route needs. */
export interface EditablePrompts {
  current(): Promise<Texts>;
  save(texts: Partial<Texts>): Promise<Texts>;
  readonly keptIn: 'files' | 'memory';
  /** File names; null for what is in no file. */
  readonly sources: Readonly<Record<keyof Texts, string | null>>;
}

/** What a rewrite uses where the client says nothing; lost when the server ends. */
export interface RewriteDefaults {
  model?: string;
  temperature?: number;
}

export interface PromptConfigOptions {
  readonly prompts: EditablePrompts;
  readonly rewriteDefaults: RewriteDefaults;
  /** The configured ones, the default first. */
  readonly models: readonly string[];
  readonly temperature: number;
}

const longest = 256 * 1024;
const text = z.string().max(longest).regex(/\S/, 'must not be blank').nullish();

const UpdateSchema = z.strictObject({
  next_segment_system_prompt: text,
  auto_extension_system_prompt: text,
  rewrite_window_system_prompt: text,
  rewrite_user_system_prompt: text,
  rewrite_model: z.string().min(1).max(200).nullish(),
  rewrite_temperature: z.number().min(0).max(2).nullish(),
});
type Update = z.infer<typeof UpdateSchema>;

/** `GET` and `POST /prompt-system-config`: the system prompts, to look at and to change while the server runs. */
export function registerPromptConfig(
  app: FastifyInstance,
  options: PromptConfigOptions,
  changes: ChangeOptions,
): void {
  const { prompts, rewriteDefaults } = options;
  const answer = async () => {
    const model = rewriteDefaults.model ?? options.models[0] ?? '';
    const { enhance, autoExtend, rewrite, rewriteUser } = await prompts.current();
    return {
      next_segment_system_prompt: enhance,
      auto_extension_system_prompt: autoExtend,
      rewrite_window_system_prompt: rewrite,
      rewrite_user_system_prompt: rewriteUser,
      next_segment_system_prompt_path: prompts.sources.enhance,
      auto_extension_system_prompt_path: prompts.sources.autoExtend,
      rewrite_window_system_prompt_path: prompts.sources.rewrite,
      rewrite_user_system_prompt_path: prompts.sources.rewriteUser,
      rewrite_model: model,
      rewrite_model_options: [...new Set([model, ...options.models])],
      rewrite_temperature: rewriteDefaults.temperature ?? options.temperature,
      kept_in: prompts.keptIn,
    };
  };

  app.get(
    '/prompt-system-config',
    { schema: { summary: 'The system prompts.' } },
    async () => await answer(),
  );

  app.post(
    '/prompt-system-config',
    {
      onRequest: changeGuard(changes, 'the system prompts'),
      schema: { summary: 'Changes the system prompts; omitted ones stay unchanged.' },
    },
    async (request, reply) => {
      const parsed = UpdateSchema.safeParse(request.body);
      if (!parsed.success) {
        return await reply.code(400).send(refusal('invalid_message', z.prettifyError(parsed.error)));
      }
      try {
        await save(prompts, parsed.data);
      } catch (error) {
        const user = error instanceof FastVideoError && error.entry.whose === 'user';
        return await reply.code(user ? 409 : 500).send(refusal('internal_error', errorMessage(error)));
      }
      if (parsed.data.rewrite_model != null) rewriteDefaults.model = parsed.data.rewrite_model;
      if (parsed.data.rewrite_temperature != null)
        rewriteDefaults.temperature = parsed.data.rewrite_temperature;
      return await answer();
    },
  );
}

async function save(prompts: EditablePrompts, update: Update): Promise<void> {
  const given = {
    enhance: update.next_segment_system_prompt,
    autoExtend: update.auto_extension_system_prompt,
    rewrite: update.rewrite_window_system_prompt,
    rewriteUser: update.rewrite_user_system_prompt,
  };
  const texts = Object.fromEntries(Object.entries(given).filter(([, text]) => text != null));
  if (Object.keys(texts).length > 0) await prompts.save(texts);
}
