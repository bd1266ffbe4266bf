import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Job } from '../../jobs/job.ts';
import type { JobEntry } from '../../jobs/job-entry.ts';
import type { NewJob } from '../../jobs/jobs.ts';
import type { Video, VideoDeletedSchema, VideoList } from '../../protocol/http/videos.ts';
import { atOnce } from '../http/at-once.ts';
import { sendContent, sendThumbnail } from './content.ts';
import { jobEvents } from './events.ts';
import { untilGone } from './gone.ts';
import { type JobRouteParts, modelOf } from './job-parts.ts';
import { invalid, RequestRefusal } from './openai-errors.ts';
import { checkPromptLength, planExtension, planVideo } from './plan-job.ts';
import { referenceOf } from './reference.ts';
import { type FieldLimits, parseFields, readFields } from './request-fields.ts';
import {
  type ExtendFields,
  ExtendFieldsSchema,
  ExtensionFieldsSchema,
  RemixFieldsSchema,
  VideoFieldsSchema,
} from './video-fields.ts';
import { videoOf } from './video-view.ts';
import { promptFor } from './write-prompt.ts';

/** Each may hold a picture in memory. */
const mostCreatedAtOnce = 8;
/** What a form or a JSON body holds beside its picture. */
const otherBytes = 1024 * 1024;

interface OneVideo {
  Params: { readonly id: string };
}

const ListQuerySchema = z.object({
  after: z.string('must be an id').max(200, 'must be an id').optional(),
  limit: z
    .string('must be a whole number from 1 to 100')
    .regex(/^([1-9]\d?|100)$/, 'must be a whole number from 1 to 100')
    .default('20')
    .transform(Number),
  order: z.enum(['asc', 'desc'], 'must be asc or desc').default('desc'),
});

/** `/v1/videos` and what is below it. */
export function registerVideos(app: FastifyInstance, parts: JobRouteParts): void {
  const { jobs, settings } = parts;
  const limits: FieldLimits = {
    fileBytes: parts.references.maxBytes,
    // A data URL in a form, or a prompt of characters that take four bytes each.
    fieldBytes: Math.max(Math.ceil(parts.references.maxBytes * 1.4), settings.maxPromptChars * 4),
  };
  const bodyLimit = limits.fieldBytes + otherBytes;
  const onRequest = atOnce(
    mostCreatedAtOnce,
    `${mostCreatedAtOnce} requests for videos are being read already.`,
  );
  const view = (entry: JobEntry): Video =>
    videoOf(entry, { modelId: modelOf(parts).modelId, ttlMs: parts.ttlMs });
  const found = (id: string): JobEntry => {
    jobs.check();
    const entry = jobs.get(id);
    if (entry?.job.kind === 'video') return entry;
    throw new RequestRefusal(
      404,
      'not_found',
      `There is no video '${id.slice(0, 100)}'; it may have expired.`,
      'video_id',
    );
  };
  const create = async (job: NewJob) => view(await jobs.create(job));

  app.post(
    '/v1/videos',
    { onRequest, bodyLimit, schema: { summary: 'Has a video made.' } },
    async (request, reply) => {
      const signal = untilGone(reply);
      const sent = await readFields(request, limits);
      const fields = parseFields(VideoFieldsSchema, sent.fields);
      const { capabilities } = modelOf(parts);
      const plan = planVideo(fields, settings, capabilities);
      const picture = await referenceOf(sent, parts.references, capabilities, signal);
      const prompt = await promptFor(
        { prompt: fields.prompt, enhance: fields.enhance_prompt, negative: fields.negative_prompt },
        parts,
        signal,
      );
      return await create({ kind: 'video', request: { ...plan, prompt }, ...(picture ? { picture } : {}) });
    },
  );

  app.get('/v1/videos', { schema: { summary: 'The videos, the newest first.' } }, async (request) => {
    const query = parseFields(ListQuerySchema, request.query);
    jobs.check();
    return listed(jobs.list('video'), query, view);
  });

  app.get<OneVideo>('/v1/videos/:id', { schema: { summary: 'How far a video is.' } }, async ({ params }) =>
    view(found(params.id)),
  );

  app.delete<OneVideo>(
    '/v1/videos/:id',
    { schema: { summary: 'Removes a video; ends it if it is being made.' } },
    async ({ params }) => {
      const entry = found(params.id);
      await jobs.remove(entry);
      return { id: entry.job.id, object: 'video.deleted', deleted: true } satisfies z.infer<
        typeof VideoDeletedSchema
      >;
    },
  );

  app.post<OneVideo>(
    '/v1/videos/:id/cancel',
    { schema: { summary: 'Ends a video that waits or is being made.' } },
    async ({ params }) => {
      const entry = found(params.id);
      await jobs.cancel(entry);
      return view(entry);
    },
  );

  app.get<OneVideo & { Querystring: { readonly variant?: string } }>(
    '/v1/videos/:id/content',
    {
      schema: {
        summary:
          'The MP4 (with ranges), from its first fragment on while it is made; `variant=thumbnail` for a picture.',
      },
    },
    async (request, reply) => {
      const entry = found(request.params.id);
      const { variant = 'video' } = request.query;
      if (variant === 'video') return await sendContent(request, reply, entry, parts.folder);
      if (variant === 'thumbnail') return await sendThumbnail(request, reply, entry, parts);
      throw invalid('variant', `variant must be video or thumbnail, not '${variant.slice(0, 40)}'.`);
    },
  );

  app.get<OneVideo>(
    '/v1/videos/:id/events',
    { schema: { summary: 'The course of a video as server-sent events.' } },
    async ({ params }, reply) => {
      const entry = found(params.id);
      const events = jobEvents(entry, () => view(entry), untilGone(reply));
      return await reply
        .header('content-type', 'text/event-stream')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(Readable.from(events, { objectMode: false }));
    },
  );

  app.post<OneVideo>(
    '/v1/videos/:id/remix',
    { onRequest, bodyLimit, schema: { summary: 'Makes a completed video again with another prompt.' } },
    async (request, reply) => {
      const source = completed(found(request.params.id));
      const { fields } = await readFields(request, limits);
      const { prompt: asked, enhance_prompt: enhance } = parseFields(RemixFieldsSchema, fields);
      checkPromptLength('prompt', asked, settings);
      const prompt = await promptFor({ prompt: asked, enhance }, parts, untilGone(reply));
      return await create({ kind: 'video', request: { ...source.request, prompt }, remixedFrom: source });
    },
  );

  const extend = async (id: string, fields: ExtendFields, reply: FastifyReply) => {
    const source = completed(found(id));
    if (!source.continuable) {
      throw new RequestRefusal(
        409,
        'preset_mismatch',
        'This video cannot be extended: its model goes on from no video.',
      );
    }
    checkPromptLength('prompt', fields.prompt, settings);
    const plan = planExtension(source.request, fields, settings, modelOf(parts).capabilities);
    const prompt = await promptFor(
      { prompt: fields.prompt, enhance: fields.enhance_prompt },
      parts,
      untilGone(reply),
    );
    return await create({ kind: 'video', request: { ...plan, prompt }, source });
  };

  app.post<OneVideo>(
    '/v1/videos/:id/extend',
    { onRequest, bodyLimit, schema: { summary: 'Goes on from the end of a completed video.' } },
    async (request, reply) => {
      const { fields } = await readFields(request, limits);
      return await extend(request.params.id, parseFields(ExtendFieldsSchema, fields), reply);
    },
  );

  app.post(
    '/v1/videos/extensions',
    { onRequest, bodyLimit, schema: { summary: "The same as OpenAI's clients ask for it." } },
    async (request: FastifyRequest, reply) => {
      const { fields } = await readFields(request, limits);
      const { video, ...others } = parseFields(ExtensionFieldsSchema, fields);
      return await extend(video.id, others, reply);
    },
  );
}

function completed({ job }: JobEntry): Job {
  if (job.status === 'completed') return job;
  throw new RequestRefusal(
    409,
    'video_not_ready',
    `The video is ${job.status}; it has to be completed first.`,
    'video_id',
  );
}

function listed(
  oldestFirst: readonly JobEntry[],
  { after, limit, order }: z.output<typeof ListQuerySchema>,
  view: (entry: JobEntry) => Video,
): VideoList {
  const entries = order === 'asc' ? oldestFirst : [...oldestFirst].reverse();
  const at = after === undefined ? 0 : entries.findIndex(({ job }) => job.id === after) + 1;
  if (at === 0 && after !== undefined) {
    throw new RequestRefusal(
      404,
      'not_found',
      `There is no video '${after.slice(0, 100)}' to list from; it may have expired.`,
      'after',
    );
  }
  const data = entries.slice(at, at + limit).map(view);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: at + limit < entries.length,
  };
}
