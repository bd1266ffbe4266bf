import type { FastifyError, FastifyInstance } from 'fastify';
import { clientText } from '../client-text.ts';
import { requestTarget } from './request-target.ts';

const codes: Readonly<Record<number, string>> = {
  413: 'too_large',
  415: 'unsupported_media_type',
};

/** Refusals of the HTTP server itself have the shape of ours: `{code, message}`. Comes before the routes. */
export function answerErrors(app: FastifyInstance): void {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const taken = methods.get(url) ?? new Set();
    for (const one of [method].flat()) if (one !== 'HEAD') taken.add(one);
    methods.set(url, taken);
  });
  app.setNotFoundHandler(async (request, reply) => {
    const path = requestTarget(request.url).path.slice(0, 200);
    const allowed = [...(methods.get(path) ?? [])];
    if (allowed.length === 0) {
      return await reply.code(404).send({ code: 'not_found', message: `There is nothing at ${path}.` });
    }
    const message = `${path} takes ${allowed.join(' and ')}, not ${request.method}.`;
    void reply.code(405).header('allow', allowed.join(', '));
    return await reply.send({ code: 'method_not_allowed', message });
  });
  app.setErrorHandler(async (error: FastifyError, _request, reply) => {
    const status = error.statusCode ?? 500;
    const code = codes[status] ?? (status < 500 ? 'invalid_message' : 'internal_error');
    return await reply.code(status).send({ code, message: clientText(error.message) });
  });
}
