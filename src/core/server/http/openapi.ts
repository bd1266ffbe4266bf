import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/** The groups of the page, and the beginnings of their paths. */
const groups = [
  {
    name: 'Status',
    description: 'For probes and dashboards.',
    paths: ['/health', '/readyz', '/status', '/metrics', '/internal/'],
  },
  {
    name: 'Prompts',
    description: 'Presets and system prompts.',
    paths: ['/prompt-system-config', '/curated-presets'],
  },
  {
    name: 'Projects',
    description: 'What a project of /ws may be made with, and its pictures.',
    paths: ['/creation-capabilities', '/uploads', '/assets'],
  },
  {
    name: 'Videos and images',
    description: "Made as jobs; for OpenAI's clients.",
    paths: ['/v1/videos', '/v1/images', '/v1/models'],
  },
  { name: 'Administration', description: 'With the admin token.', paths: ['/admin/'] },
  { name: 'Faults', description: 'Of the mock server only.', paths: ['/mock/'] },
];

const logo = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 32"><rect width="32" height="32" rx="8" fill="#2f5bea"/><path d="M12.5 9.6v12.8a.9.9 0 0 0 1.4.7l9.2-6.4a.9.9 0 0 0 0-1.4l-9.2-6.4a.9.9 0 0 0-1.4.7Z" fill="#fff"/><text x="42" y="22" font-family="sans-serif" font-size="19" font-weight="600" fill="#fff">fastvideo</text></svg>',
);

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
      tags: groups.map(({ name, description }) => ({ name, description })),
    },
    transform: ({ schema, url }) => {
      const group = groups.find(({ paths }) => paths.some((path) => url.startsWith(path)));
      return { schema: group ? { ...schema, tags: [group.name] } : schema, url };
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: contentSecurityPolicy,
    logo: { type: 'image/svg+xml', content: logo, href: '/', target: '_self' },
    theme: { title: 'fastvideo: HTTP routes' },
  });
}
