import { readFile } from 'node:fs/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { errorTable } from '../../base/error-table.ts';
import { mediaFile } from '../../jobs/job.ts';
import type { JobEntry } from '../../jobs/job-entry.ts';
import type { ImagesSchema } from '../../protocol/http/videos.ts';
import { sendContent } from './content.ts';
import { untilGone } from './gone.ts';
import { type JobRouteParts, modelOf } from './job-parts.ts';
import { RequestRefusal } from './openai-errors.ts';
import { planImages } from './plan-job.ts';
import { parseFields, readFields } from './request-fields.ts';
import { ImageFieldsSchema } from './video-fields.ts';
import { secondsOf } from './video-view.ts';
import { promptFor } from './write-prompt.ts';

/** `POST /v1/images/generations`, which answers when the images are there, and what it links to. */
export function registerImages(app: FastifyInstance, parts: JobRouteParts): void {
  const { jobs, settings, folder } = parts;

  app.post('/v1/images/generations', { schema: { summary: 'Makes images.' } }, async (request, reply) => {
    const signal = untilGone(reply);
    const limits = { fileBytes: 0, fieldBytes: settings.maxPromptChars * 4 };
    const fields = parseFields(ImageFieldsSchema, (await readFields(request, limits)).fields);
    const { capabilities } = modelOf(parts);
    if (capabilities?.needs_first_frame) {
      throw new RequestRefusal(
        409,
        'preset_mismatch',
        'The model of this server makes videos from a picture, and no images.',
      );
    }
    const plans = planImages(fields, settings, capabilities);
    const prompt = await promptFor(
      { prompt: fields.prompt, enhance: fields.enhance_prompt, negative: fields.negative_prompt },
      parts,
      signal,
    );
    const entries: JobEntry[] = [];
    try {
      for (const plan of plans) {
        const job = { kind: 'image', request: { ...plan, prompt, format: fields.output_format } } as const;
        entries.push(await jobs.create(job));
      }
      await Promise.all(entries.map((entry) => made(entry, signal)));
    } catch (error) {
      await Promise.all(entries.map((entry) => jobs.remove(entry)));
      throw error;
    }
    const [first] = entries;
    const { request: made_with, id = '' } = first?.job ?? {};
    return {
      id,
      created: secondsOf(Date.now()),
      output_format: fields.output_format,
      size: `${made_with?.width ?? 0}x${made_with?.height ?? 0}`,
      data: await Promise.all(
        entries.map(async ({ job }) => ({
          ...(fields.response_format === 'url'
            ? {}
            : { b64_json: (await readFile(folder.path(job.id, mediaFile(job)))).toString('base64') }),
          ...(fields.response_format === 'b64_json'
            ? {}
            : { url: `${originOf(request)}/v1/images/${job.id}/content` }),
          revised_prompt: prompt,
        })),
      ),
    } satisfies z.infer<typeof ImagesSchema>;
  });

  app.get<{ Params: { readonly id: string } }>(
    '/v1/images/:id/content',
    { schema: { summary: 'An image.' } },
    async (request, reply) => {
      const entry = jobs.get(request.params.id);
      if (entry?.job.kind === 'image') return await sendContent(request, reply, entry, folder);
      const message = `There is no image '${request.params.id.slice(0, 100)}'; it may have expired.`;
      throw new RequestRefusal(404, 'not_found', message);
    },
  );
}

/** Resolves when it is there. Throws why it is not, and the signal's reason. */
async function made(entry: JobEntry, signal: AbortSignal): Promise<void> {
  for await (const { job } of entry.changes(signal)) {
    if (job.status === 'cancelled')
      throw new RequestRefusal(409, 'interrupted', 'The image was removed before it was made.');
    if (job.status === 'completed') return;
    if (job.status === 'failed') {
      const { code, message } = job.error ?? {
        code: 'internal_error',
        message: 'The image could not be made.',
      };
      throw new RequestRefusal(statusOf(code), code, message);
    }
  }
  signal.throwIfAborted();
}

function statusOf(code: string): number {
  return (
    new Map<string, { readonly httpStatus: number }>(Object.entries(errorTable)).get(code)?.httpStatus ?? 500
  );
}

/** As the client called this server. */
function originOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}
