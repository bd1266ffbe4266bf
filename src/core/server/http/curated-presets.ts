import { basename } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { toFastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { type CuratedPresets, normalizedPresetId } from '../curated-presets.ts';
import { refusal } from './refusal.ts';

const notBlank = z.string().max(10_000).regex(/\S/, 'must not be blank');

const AppendSchema = z.strictObject({
  id: z
    .string()
    .max(200)
    .refine((id) => normalizedPresetId(id) !== '', { error: 'must contain a letter or a digit' }),
  label: notBlank,
  segment_prompts: z.array(z.string().max(10_000)).max(100),
});

/** `GET /curated-presets` and `POST /curated-presets/append`. `preset`: the one that the loaded model serves. */
export function registerCuratedPresets(
  app: FastifyInstance,
  presets: CuratedPresets,
  { logger, preset: model_preset }: { readonly logger: Logger; readonly preset?: string | undefined },
): void {
  // Names alone: where they lie is nobody's business.
  const file_path = basename(presets.options.filePath);
  const fallback_file_path = basename(presets.options.fallbackFilePath);

  app.get(
    '/curated-presets',
    { schema: { summary: 'The presets that a web app offers.' } },
    async (_, reply) => {
      try {
        const list = await presets.list();
        return { presets: list, count: list.length, model_preset, file_path, fallback_file_path };
      } catch (error) {
        return await sendError(reply, error, logger);
      }
    },
  );

  app.post(
    '/curated-presets/append',
    { schema: { summary: 'Adds a preset; its id is normalised.' } },
    async (request, reply) => {
      const parsed = AppendSchema.safeParse(request.body);
      if (!parsed.success) return await invalid(reply, z.prettifyError(parsed.error));
      const prompts = parsed.data.segment_prompts
        .map((prompt) => prompt.trim())
        .filter((prompt) => prompt !== '');
      if (prompts.length < 2)
        return await invalid(reply, 'segment_prompts must contain two prompts that are not blank.');
      const preset = {
        id: normalizedPresetId(parsed.data.id),
        label: parsed.data.label.trim(),
        segment_prompts: prompts,
      };
      try {
        const list = await presets.append(preset);
        return { type: 'curated_preset_appended', preset, count: list.length, file_path, fallback_file_path };
      } catch (error) {
        return await sendError(reply, error, logger);
      }
    },
  );
}

async function invalid(reply: FastifyReply, message: string) {
  return await reply.code(400).send(refusal('invalid_message', message));
}

/** A preset that is there already is a conflict; all else is the server's trouble. */
async function sendError(reply: FastifyReply, error: unknown, logger: Logger) {
  const { code, message } = toFastVideoError(error);
  if (code !== 'invalid_message') logger.error({ error: message }, 'curated presets failed');
  return await reply.code(code === 'invalid_message' ? 409 : 500).send(refusal(code, message));
}
