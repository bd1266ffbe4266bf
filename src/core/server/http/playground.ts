import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
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

/** The playground page at `/`. */
export async function registerPlayground(
  app: FastifyInstance,
  directory: string,
  logger: Logger,
): Promise<void> {
  if (!existsSync(join(directory, 'index.html'))) {
    logger.warn({ directory }, 'playground is not built; run "npm run build"');
    return;
  }
  await app.register(fastifyStatic, {
    root: directory,
    prefix: '/',
    index: 'index.html',
    wildcard: false,
    setHeaders: (response) => {
      response.setHeader('Content-Security-Policy', contentSecurityPolicy);
      response.setHeader('X-Content-Type-Options', 'nosniff');
      response.setHeader('Cache-Control', 'no-cache');
    },
  });
}
