import type { FastifyInstance } from 'fastify';
import { exceedsJsonBounds } from '../json-bounds.ts';

/** A body that is not JSON, or more of it than a route should have to walk over. */
class UnfitBody extends Error {
  readonly statusCode = 400;
}

/**
 * Bodies of requests have the bounds that messages have, and as Fastify has it no `__proto__`. An empty one is none: some
 * clients declare every request as JSON, a DELETE too.
 */
export function boundJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body.toString();
    if (text === '') done(null, undefined);
    else if (exceedsJsonBounds(text))
      done(new UnfitBody('The body has too many or too deeply nested parts.'));
    else void parse(request, text, done);
  });
}
