import * as z from 'zod';
import { boundedList } from '../bounded-list.ts';
import { checkpointFields } from '../checkpoint.ts';
import { loraFields } from '../lora.ts';
import { PromptUpdateSchema } from '../prompt-update.ts';
import { realtimeField } from '../realtime.ts';
import { creationFields, pictureFields } from './creation.ts';

/** Hard limits of the schema; the operator's config sets tighter ones (`streaming.max_prompt_chars`, …). */
const promptText = z.string().max(1_000_000);
const someText = promptText.describe('Must not be blank.');
const name = z.string().max(400).nullish();
const temperature = z.number().min(0).max(2);

/** As long as a file of `streaming.prompt.system_prompt_dir` may be. */
const systemPrompt = z
  .string()
  .max(256 * 1024)
  .nullish();

const promptList = boundedList(z.array(promptText))
  .nullish()
  .transform((prompts) => prompts ?? [])
  .describe('Blank ones are dropped.');

function flag(byDefault: boolean) {
  return z
    .boolean()
    .nullish()
    .transform((given) => given ?? byDefault)
    .describe(`Default ${byDefault}.`);
}

const rewriteFields = {
  rewrite_model: name.describe("Replaces the provider's configured model."),
  rewrite_temperature: temperature.nullish(),
  rewrite_window_system_prompt: systemPrompt.describe(
    "System prompt for rewriting prompts, instead of the operator's text.",
  ),
  rewrite_user_system_prompt: systemPrompt.describe('The same for writing prompts from a wish only.'),
};

const projectFields = {
  preset_id: name,
  preset_label: name,
  initial_rollout_prompt: promptText.nullish().describe('Text from which the first rewrite makes prompts.'),
  enhancement_enabled: flag(true),
  auto_extension_enabled: flag(false),
  loop_generation_enabled: flag(false),
  single_clip_mode: flag(false),
  realtime: realtimeField,
  // Checked by itself: a bad picture has a close reason of its own.
  initial_image: z
    .unknown()
    .optional()
    .describe('`{data_url, mime_type?, name?}` or `{mime, name?, data}`: a PNG, JPEG or WebP in base64.'),
  ...creationFields,
  ...loraFields,
  ...rewriteFields,
};

const SessionInitSchema = z.object({
  type: z.literal('session_init_v2'),
  curated_prompts: promptList,
  ...projectFields,
  ...checkpointFields,
});

const SelectModelSchema = z.object({
  type: z.literal('select_model'),
  segment_prompts: promptList,
  ...projectFields,
  ...checkpointFields,
});

const ProjectInitSchema = z.object({
  type: z.literal('project_init_v1'),
  curated_prompts: promptList,
  ...projectFields,
});
export type ProjectInit = Omit<z.infer<typeof SessionInitSchema>, 'type'>;

const AppendPromptSchema = z.object({
  type: z.literal('append_prompt'),
  prompt: someText,
  prompt_id: name,
});

const SimpleGenerateSchema = z.object({
  type: z.literal('simple_generate'),
  prompt: someText,
  prompt_id: name,
  preset_id: name,
  preset_label: name,
  enhancement_enabled: flag(true),
  initial_image: z.unknown().optional(),
  ...pictureFields,
});
export type SimpleGenerate = z.infer<typeof SimpleGenerateSchema>;

const RewriteSeedPromptsSchema = z.object({
  type: z.literal('rewrite_seed_prompts'),
  rewrite_instruction: promptText.nullish(),
  prompt_window_prompts: promptList.describe('Rewritten instead of the seed prompts.'),
  ...rewriteFields,
});
export type RewriteSeedPrompts = z.infer<typeof RewriteSeedPromptsSchema>;

function bare<Type extends string>(type: Type) {
  return z.object({ type: z.literal(type) });
}

function toggle<Type extends string>(type: Type) {
  return z.object({ type: z.literal(type), enabled: z.boolean() });
}

/** Every frame that a client of `/ws` may send. */
export const ProjectClientFrameSchema = z.discriminatedUnion('type', [
  SessionInitSchema,
  SelectModelSchema,
  ProjectInitSchema,
  AppendPromptSchema,
  SimpleGenerateSchema,
  PromptUpdateSchema,
  RewriteSeedPromptsSchema,
  bare('reset_to_seed_prompts'),
  bare('restart_generation'),
  toggle('set_enhancement'),
  toggle('set_auto_extension'),
  toggle('set_loop_generation'),
  toggle('set_realtime'),
  z.object({ type: z.literal('set_generation_paused'), paused: z.boolean() }),
  z.object({ type: z.literal('set_rewrite_model'), rewrite_model: name }),
  z.object({ type: z.literal('set_rewrite_temperature'), rewrite_temperature: temperature.nullish() }),
  bare('end_project_keep_session'),
  bare('leave'),
]);
export type ProjectClientFrame = z.infer<typeof ProjectClientFrameSchema>;
