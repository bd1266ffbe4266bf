import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Requests of one connection that may lie there unanswered; browsers and proxies send one at a time. */
const mostUnanswered = 32;

interface Line {
  unanswered: number;
  last: ServerResponse;
}

/**
 * Works on the requests of one connection one after the other, as HTTP/1.1 answers them, and closes a connection that
 * sends very many at once. Node begins all of them: tens of thousands, each with a file, from a client that reads nothing.
 * To be called before any other hook is added.
 */
export function answerInTurn(app: FastifyInstance): void {
  const lines = new WeakMap<Socket, Line>();
  app.addHook('onRequest', async (request, reply) => {
    const { socket } = request.raw;
    const line = lines.get(socket) ?? { unanswered: 0, last: reply.raw };
    lines.set(socket, line);
    const before = line.last;
    line.last = reply.raw;
    line.unanswered += 1;
    reply.raw.once('close', () => {
      line.unanswered -= 1;
    });
    if (line.unanswered > mostUnanswered) socket.destroy();
    else if (before !== reply.raw && !before.closed) await once(before, 'close');
    // Nobody is there to be answered.
    if (socket.destroyed) return reply.hijack();
  });
}
