import { createReadStream } from 'node:fs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FastVideoError } from '../../base/errors.ts';
import { uploadIdPart, uploadPaths } from '../../protocol/http/uploads.ts';
import { UnfitPicture } from '../../sessions/initial-image.ts';
import { type Upload, type Uploads, UploadsFull } from '../uploads/uploads.ts';
import { atOnce } from './at-once.ts';
import { refusal } from './refusal.ts';

/** What may be uploaded, with the endings of its files. */
export const uploadMimes = {
  'image/png': ['.png'],
  'image/jpeg': ['.jpg', '.jpeg'],
  'image/webp': ['.webp'],
} as const;

/** Each is held in memory until it is whole. */
const mostAtOnce = 8;
const longestName = 200;

/** `POST /uploads`, and `GET` and `DELETE /uploads/{id}`; the same at `/assets`. */
export function registerUploads(app: FastifyInstance, uploads: Uploads): void {
  for (const mime of [...Object.keys(uploadMimes), 'image/jpg']) {
    app.addContentTypeParser(mime, { parseAs: 'buffer', bodyLimit: uploads.largest }, (_, body, done) =>
      done(null, body),
    );
  }
  const takeTurn = atOnce(mostAtOnce, `${mostAtOnce} pictures are being uploaded already.`);
  for (const path of uploadPaths) {
    app.post(
      path,
      { onRequest: takeTurn, schema: { summary: 'Uploads a picture for a project of /ws.' } },
      async (request, reply) => {
        const mime = mimeOf(request);
        if (!Buffer.isBuffer(request.body)) {
          const message = `The body must be a picture: ${Object.keys(uploadMimes).join(', ')}.`;
          return await reply.code(415).send(refusal('invalid_message', message));
        }
        try {
          const upload = await uploads.add(request.body, mime, nameOf(request));
          return await reply.code(201).send(shown(upload, path));
        } catch (error) {
          return await refused(reply, error);
        }
      },
    );
    app.get<{ Params: { id: string } }>(
      `${path}/${uploadIdPart}`,
      { schema: { summary: 'An uploaded picture.' } },
      async (request, reply) => {
        const upload = uploads.get(request.params.id);
        if (!upload) return await gone(reply);
        return await reply
          .header('content-type', upload.mime)
          .header('content-length', upload.bytes)
          .header('x-content-type-options', 'nosniff')
          .header('cache-control', 'private, no-store')
          .send(createReadStream(upload.path));
      },
    );
    app.delete<{ Params: { id: string } }>(
      `${path}/${uploadIdPart}`,
      { schema: { summary: 'Removes an uploaded picture.' } },
      async (request, reply) => {
        const outcome = await uploads.remove(request.params.id);
        if (outcome === 'removed') return await reply.code(204).send();
        if (outcome === 'unknown') return await gone(reply);
        const message = 'A session uses this picture. End it before removing the picture.';
        return await reply.code(409).send(refusal('invalid_message', message));
      },
    );
  }
}

function shown({ id, name, mime, bytes, width, height }: Upload, path: string) {
  return {
    asset_id: id,
    upload_id: id,
    kind: 'image',
    name,
    mime_type: mime,
    size: bytes,
    width,
    height,
    url: `${path}/${id}`,
  };
}

function mimeOf(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? '';
}

function nameOf(request: FastifyRequest): string {
  const given = request.headers['x-asset-name'];
  const name = (typeof given === 'string' ? given : '').replace(/[/\\\p{Cc}]/gu, '_').trim();
  return name.slice(0, longestName) || 'Untitled';
}

async function gone(reply: FastifyReply): Promise<FastifyReply> {
  return await reply
    .code(404)
    .send(refusal('invalid_message', 'This picture is not there any more; upload it again.'));
}

async function refused(reply: FastifyReply, error: unknown): Promise<FastifyReply> {
  if (error instanceof UnfitPicture) {
    const { message, remedy = 'upload a PNG, JPEG or WebP' } = error;
    return await reply
      .code(400)
      .send(refusal('invalid_message', `The picture cannot be used: ${message}; ${remedy}.`));
  }
  if (error instanceof UploadsFull)
    return await reply.code(507).send(refusal('session_rejected', error.message));
  if (error instanceof FastVideoError && error.retryable) {
    return await reply.code(503).send(refusal(error.code, error.message));
  }
  throw error;
}
