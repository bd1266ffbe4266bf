import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { ModelListSchema, ModelSchema } from '../../protocol/http/videos.ts';
import { type JobRouteParts, modelOf } from './job-parts.ts';
import { RequestRefusal } from './openai-errors.ts';
import { secondsOf } from './video-view.ts';

/** `GET /v1/models`: the one that is loaded. Its name may hold slashes. */
export function registerModels(app: FastifyInstance, parts: JobRouteParts): void {
  const created = secondsOf(Date.now());
  const model = (): z.infer<typeof ModelSchema> => ({
    id: modelOf(parts).modelId,
    object: 'model',
    created,
    owned_by: 'fastvideo',
  });

  app.get('/v1/models', { schema: { summary: 'The loaded model.' } }, async () => {
    return { object: 'list', data: [model()] } satisfies z.infer<typeof ModelListSchema>;
  });

  app.get<{ Params: { '*': string } }>(
    '/v1/models/*',
    { schema: { summary: 'A model by its name.' } },
    async ({ params }) => {
      const one = model();
      const asked = params['*'];
      if (asked === one.id) return one;
      const message = `The model '${asked.slice(0, 200)}' does not exist; this server has '${one.id}'.`;
      throw new RequestRefusal(404, 'model_not_found', message, 'model');
    },
  );
}
