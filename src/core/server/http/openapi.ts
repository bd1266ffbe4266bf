import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/** As the page of `@fastify/swagger-ui` needs it, without `upgrade-insecure-requests`: the server itself speaks plain HTTP. */
const contentSecurityPolicy = {
  'default-src': "'self'",
  'base-uri': "'self'",
  'frame-ancestors': "'self'",
  'img-src': "'self' data:",
  'object-src': "'none'",
  'script-src-attr': "'none'",
  // The page sets styles of its own on elements.
  'style-src': "'self' 'unsafe-inline'",
};

/** The OpenAPI page at `/docs`; the document itself is `/docs/json`. */
export async function registerOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      info: {
        title: 'fastvideo',
        description: 'HTTP routes of one server. The stream itself is a WebSocket at /v1/stream.',
        version,
      },
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: contentSecurityPolicy });
}
