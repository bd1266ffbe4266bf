import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { FastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';

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

export interface PageOptions {
  /** Folder of the built playground. */
  readonly playgroundDirectory: string;
  /** Folder of a web app that is served in its place. */
  readonly staticDirectory?: string;
  readonly logger: Logger;
}

/** Paths of the page's files. They need no key: a browser has none when it asks for them. */
export async function pagePaths({ playgroundDirectory, staticDirectory }: PageOptions): Promise<Set<string>> {
  const directory = staticDirectory ?? playgroundDirectory;
  if (!existsSync(directory)) return new Set(['/']);
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
  return new Set(['/', ...files.map((file) => `/${file.split(sep).map(encodeURIComponent).join('/')}`)]);
}

/** The page at `/`: the playground, or the operator's web app. Throws `start_failed` for a folder without index.html. */
export async function registerPage(
  app: FastifyInstance,
  { playgroundDirectory, staticDirectory, logger }: PageOptions,
): Promise<void> {
  const directory = staticDirectory ?? playgroundDirectory;
  if (!existsSync(join(directory, 'index.html'))) {
    if (staticDirectory !== undefined) {
      const remedy = 'name the folder of a built web app, or leave server.static_dir out';
      throw new FastVideoError('start_failed', `${staticDirectory} holds no index.html; ${remedy}.`);
    }
    logger.warn({ directory }, 'playground is not built; run "npm run build"');
    return;
  }
  await app.register(fastifyStatic, {
    root: directory,
    prefix: '/',
    index: 'index.html',
    wildcard: false,
    setHeaders: (response) => {
      // What a foreign app loads is its own affair.
      if (staticDirectory === undefined) response.setHeader('Content-Security-Policy', contentSecurityPolicy);
      response.setHeader('X-Content-Type-Options', 'nosniff');
      response.setHeader('Cache-Control', 'no-cache');
    },
  });
}
