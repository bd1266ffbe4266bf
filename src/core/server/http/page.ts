import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { FastVideoError } from '../../base/errors.ts';
import { requestTarget } from '../../base/http/request-target.ts';
import type { Logger } from '../../base/log.ts';
import { systemReason } from '../../base/system-reason.ts';
import { fileAt, findPageFiles, type PageFiles, resolveInside } from './page-files.ts';

/** Nothing inline, nothing from elsewhere; sockets to any server, because `?url=` may name one. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "connect-src 'self' ws: wss:",
  "media-src 'self' blob:",
  "img-src 'self' blob: data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Of all files. */
export const pageRoute = '/*';

export interface PageOptions {
  /** Folder of the built playground. */
  readonly playgroundDirectory: string;
  /** Folder of a web app that is served in its place. */
  readonly staticDirectory?: string;
  readonly logger: Logger;
}

/**
 * The files of the page at `/`: of the playground, or of the operator's web app. They need no key: a browser has none when it
 * asks for them. Undefined where the playground is not built. Throws `config_invalid` for a folder without index.html.
 */
export async function findPage(options: PageOptions): Promise<PageFiles | undefined> {
  const { playgroundDirectory, staticDirectory, logger } = options;
  const directory = staticDirectory ?? playgroundDirectory;
  let why = 'contains no index.html';
  let cause: unknown;
  try {
    const page = await findPageFiles(directory);
    if (page.files.has('/')) return page;
  } catch (error) {
    why = `cannot be read: ${systemReason(error)}`;
    cause = error;
  }
  if (staticDirectory !== undefined) {
    const remedy = 'name the folder of a built web app, or remove server.static_dir';
    throw new FastVideoError('config_invalid', `${staticDirectory} ${why}; ${remedy}.`, { cause });
  }
  logger.warn({ directory }, 'playground is not built; run "npm run build"');
  return undefined;
}

/** Serves the files. Comes behind all other routes: throws `config_invalid` for a file that would hide behind one of them. */
export async function registerPage(
  app: FastifyInstance,
  page: PageFiles,
  options: PageOptions,
): Promise<void> {
  for (const [path, file] of page.files) {
    // A page without its `.html` may hide: it is there with it.
    if (path === `/${file.replace(/\.html$/, '')}` && path !== `/${file}`) continue;
    if (!app.hasRoute({ method: 'GET', url: path })) continue;
    throw new FastVideoError(
      'config_invalid',
      `${options.staticDirectory} contains a file for ${path}, which is a route of this server; rename the file.`,
    );
  }
  await app.register(fastifyStatic, {
    root: page.root,
    serve: false,
    // Below, for each file.
    cacheControl: false,
    setHeaders: (response, path) => {
      // What a foreign app loads is its own affair.
      if (options.staticDirectory === undefined) {
        response.setHeader('Content-Security-Policy', contentSecurityPolicy);
      }
      response.setHeader('X-Content-Type-Options', 'nosniff');
      response.setHeader('Cache-Control', hasHash(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.get(pageRoute, { schema: { hide: true } }, async (request, reply) => {
    const file = fileAt(page, requestTarget(request.url).path);
    // Looked at again: a link may lead elsewhere by now.
    if (file === undefined || !(await resolveInside(page.root, file))) return reply.callNotFound();
    return await reply.sendFile(file);
  });
}

/**
 * Whether a file's name changes with its contents: bundlers put eight or more letters and digits of a hash, a digit among
 * them, before the ending, behind a dot, a dash or an underscore, or name a file by its hash alone.
 */
function hasHash(path: string): boolean {
  const [, hash] = /(?:^|[\\/._-])([A-Za-z0-9]{8,})\.(?!html$)[a-z0-9]+$/.exec(path) ?? [];
  return hash !== undefined && /\d/.test(hash) && /[A-Za-z]/.test(hash);
}
