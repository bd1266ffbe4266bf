import fastifyMultipart from '@fastify/multipart';
import type { FastifyInstance } from 'fastify';
import { registerImages } from './images.ts';
import type { JobRouteParts } from './job-parts.ts';
import { registerModels } from './models.ts';
import { shapeErrors } from './openai-errors.ts';
import { registerVideos } from './videos.ts';

/** The routes that OpenAI's clients know. */
export async function registerJobRoutes(app: FastifyInstance, parts: JobRouteParts): Promise<void> {
  await app.register(async (scope) => {
    shapeErrors(scope);
    await scope.register(fastifyMultipart);
    registerModels(scope, parts);
    registerVideos(scope, parts);
    registerImages(scope, parts);
  });
}
