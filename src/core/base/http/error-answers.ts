import type { FastifyError, FastifyInstance } from 'fastify';
import { clientMessage, clientText } from '../client-text.ts';
import { errorMessage, FastVideoError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { requestTarget } from './request-target.ts';

const codes: Readonly<Record<number, string>> = {
  413: 'too_large',
  415: 'unsupported_media_type',
};

/**
 * Refusals of the HTTP server itself have the shape of ours: `{code, message}`. What a handler throws that nobody
 * expected is a bug of ours: it is logged, and answered with 500 and none of its words. Comes before the routes.
 */
export function answerErrors(app: FastifyInstance, logger: Logger): void {
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
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    if (error.statusCode === undefined && !(error instanceof FastVideoError)) {
      const { path } = requestTarget(request.url);
      const fields = { method: request.method, path, error: errorMessage(error), stack: error.stack };
      logger.error(fields, 'request failed: this is a bug of ours');
      return await reply.code(500).send({ code: 'internal_error', message: clientMessage(error) });
    }
    const status = error.statusCode ?? 500;
    const code = codes[status] ?? (status < 500 ? 'invalid_message' : 'internal_error');
    const message =
      status === 415
        ? `A body of the type "${(request.headers['content-type'] ?? '').slice(0, 80)}" is not taken here.`
        : error.message;
    return await reply.code(status).send({ code, message: clientText(message) });
  });
}
