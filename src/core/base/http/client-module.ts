import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { absentIfMissing } from '../absent-if-missing.ts';
import { packagePath } from '../package-path.ts';

/** Content types by path: the client library with its element as one module for pages, and its source map. */
const files: Readonly<Record<string, string>> = {
  '/client.js': 'text/javascript; charset=utf-8',
  '/client.js.map': 'application/json; charset=utf-8',
};

export const clientModulePaths: readonly string[] = Object.keys(files);

interface ClientFile {
  readonly plain: Buffer;
  readonly zipped: Buffer;
  readonly tag: string;
}

/**
 * Serves `/client.js` to pages of any origin: it is public, and a page of another origin loads it with
 * `<script type="module">`. Whether that page may then open a session, `allowed_origins` decides. Browsers ask each time
 * whether theirs is still the one of this server. 404 where it is not built.
 *
 * @param but - paths at which something else is served
 */
export function registerClientModule(
  app: FastifyInstance,
  but: (path: string) => boolean = () => false,
): void {
  for (const [path, type] of Object.entries(files)) {
    if (but(path)) continue;
    let reading: Promise<ClientFile | undefined> | undefined;
    app.get(path, { schema: { hide: true } }, async (request, reply) => {
      reading ??= readClientFile(path);
      const file = await reading;
      if (!file) return reply.callNotFound();
      void reply.headers({
        'content-type': type,
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
        'cache-control': 'no-cache',
        etag: file.tag,
        vary: 'Accept-Encoding',
        'x-content-type-options': 'nosniff',
      });
      if (request.headers['if-none-match']?.includes(file.tag)) return await reply.code(304).send();
      if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return await reply.send(file.plain);
      return await reply.header('content-encoding', 'gzip').send(file.zipped);
    });
  }
}

async function readClientFile(path: string): Promise<ClientFile | undefined> {
  const plain = await absentIfMissing(() => readFile(packagePath('dist/client/browser', path)));
  if (!plain) return undefined;
  const tag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { plain, zipped: gzipSync(plain), tag };
}
