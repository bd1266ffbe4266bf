import fastifyCors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import { type AccessOptions, originAllowed } from '../access.ts';

/** Lets pages of the allowed origins read what the routes answer. */
export async function registerCors(app: FastifyInstance, access: AccessOptions): Promise<void> {
  await app.register(fastifyCors, {
    origin: (origin, answer) => answer(null, origin !== undefined && originAllowed(origin, access)),
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'x-api-key', 'x-asset-name'],
    maxAge: 600,
  });
}
