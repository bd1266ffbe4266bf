import { Readable } from 'node:stream';
import send from '@fastify/send';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isOver, type Job, jobFiles, mediaFile } from '../../jobs/job.ts';
import type { JobEntry } from '../../jobs/job-entry.ts';
import type { JobFolder } from '../../jobs/job-folder.ts';
import type { Stills } from '../../media/stills.ts';
import { untilGone } from './gone.ts';
import { RequestRefusal } from './openai-errors.ts';

const mimes: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  png: 'image/png',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  webp: 'image/webp',
};

/** Sends the media of a job: a file, or, while it is made, what is there and then the rest as it comes. */
export async function sendContent(
  request: FastifyRequest,
  reply: FastifyReply,
  entry: JobEntry,
  folder: JobFolder,
): Promise<FastifyReply> {
  const { job, run } = entry;
  const name = mediaFile(job);
  if (run && !isOver(job)) {
    if (request.method === 'HEAD') return await begin(reply, name).send('');
    const signal = untilGone(reply);
    return await begin(reply, name).send(Readable.from(run.media.read(signal), { objectMode: false }));
  }
  if (job.status !== 'completed') {
    throw notReady(job, '; its content comes from the moment it is in_progress');
  }
  return await sendFile(request, reply, folder, `${job.id}/${name}`);
}

/** Sends a small picture of a video, which is made when it is asked for first. */
export async function sendThumbnail(
  request: FastifyRequest,
  reply: FastifyReply,
  { job }: JobEntry,
  { folder, stills }: { readonly folder: JobFolder; readonly stills: Stills },
): Promise<FastifyReply> {
  if (job.status !== 'completed') throw notReady(job, '; its thumbnail is there when it is completed');
  const file = jobFiles.thumbnail;
  if (!(await folder.has(job.id, file))) {
    const picture = await stills.thumbnail(folder.path(job.id, jobFiles.video), untilGone(reply));
    await folder.write(job.id, file, picture);
  }
  return await sendFile(request, reply, folder, `${job.id}/${file}`);
}

function begin(reply: FastifyReply, name: string): FastifyReply {
  const [, extension = ''] = name.split('.');
  return reply
    .header('content-type', mimes[extension] ?? 'application/octet-stream')
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'private, no-store');
}

async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  folder: JobFolder,
  path: string,
): Promise<FastifyReply> {
  const { statusCode, headers, stream } = await send(request.raw, path, {
    root: folder.directory,
    cacheControl: false,
    contentType: false,
    dotfiles: 'deny',
    index: false,
  });
  if (statusCode === 416) {
    void reply.headers({ 'content-range': headers['Content-Range'] ?? 'bytes */*' });
    throw new RequestRefusal(416, 'invalid_message', 'The range is not within the file.', 'range');
  }
  if (statusCode >= 400) {
    throw new RequestRefusal(404, 'not_found', 'The files of this job are not there any more.');
  }
  const name = path.slice(path.indexOf('/') + 1);
  const id = path.slice(0, path.indexOf('/'));
  void begin(reply, name).code(statusCode).headers(headers).header('cache-control', 'private, no-cache');
  if (statusCode < 300)
    void reply.header('content-disposition', `inline; filename="${id}.${name.split('.')[1] ?? 'bin'}"`);
  return await reply.send(stream);
}

function notReady({ status, error }: Job, later: string): RequestRefusal {
  if (status === 'failed') {
    const { code = 'internal_error', message = 'unknown' } = error ?? {};
    return new RequestRefusal(409, code, `It has failed: ${message}`);
  }
  const ended = status === 'cancelled';
  return new RequestRefusal(ended ? 409 : 404, 'video_not_ready', `It is ${status}${ended ? '' : later}.`);
}
