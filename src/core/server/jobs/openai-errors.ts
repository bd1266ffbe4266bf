import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { clientText } from '../../base/client-text.ts';
import { FastVideoError } from '../../base/errors.ts';

/** A request that cannot be answered, as OpenAI's clients are told of it. */
export class RequestRefusal extends Error {
  readonly status: number;
  readonly code: string;
  /** The member of the request that is at fault. */
  readonly param: string | null;

  constructor(status: number, code: string, message: string, param: string | null = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }
}

export function invalid(param: string | null, message: string): RequestRefusal {
  return new RequestRefusal(400, 'invalid_message', message, param);
}

/** As all other routes of the server refuse: from its hooks, its limits and its body parsers. */
const OwnRefusalSchema = z.object({ code: z.string(), message: z.string() });

/** Gives all refusals of the routes around the shape that OpenAI's clients read. */
export function shapeErrors(app: FastifyInstance): void {
  app.addHook('preSerialization', async (_request, reply, payload) => {
    if (reply.statusCode < 400) return payload;
    const own = OwnRefusalSchema.safeParse(payload);
    if (!own.success) return payload;
    const { code, message } = own.data;
    return errorBody(reply.statusCode, { code, message: clientText(message) });
  });
  const inherited = app.errorHandler;
  app.setErrorHandler(async (error, request, reply) => {
    if (error instanceof RequestRefusal) {
      return await reply.code(error.status).send(errorBody(error.status, error));
    }
    if (error instanceof FastVideoError && error.entry.whose !== 'bug') {
      const status = error.entry.httpStatus;
      if (status === 429) void reply.header('retry-after', '5');
      return await reply.code(status).send({ code: error.code, message: clientText(error.message) });
    }
    return await inherited.call(app, error, request, reply);
  });
}

function errorBody(
  status: number,
  {
    code,
    message,
    param = null,
  }: { readonly code: string; readonly message: string; readonly param?: string | null },
) {
  const type =
    status === 401
      ? 'authentication_error'
      : status === 429
        ? 'rate_limit_error'
        : status < 500
          ? 'invalid_request_error'
          : 'server_error';
  return { error: { message, type, param, code } };
}
