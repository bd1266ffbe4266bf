import type { FastifyReply, FastifyRequest } from 'fastify';
import { refusal } from './refusal.ts';

/** A hook that lets so many requests of a route in at once, counted before their bodies are read. */
export function atOnce(most: number, message: string) {
  let underWay = 0;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (underWay >= most) {
      const answer = refusal('session_rejected', `${message} Try again in a moment.`);
      await reply.code(503).header('retry-after', '1').send(answer);
      return;
    }
    underWay += 1;
    request.raw.once('close', () => {
      underWay -= 1;
    });
  };
}
