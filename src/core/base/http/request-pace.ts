import type { FastifyInstance } from 'fastify';
import { quietTurn } from '../quiet-turn.ts';
import { requestTarget } from './request-target.ts';

/** Asked by load balancers, which take a server for dead that does not answer soon; cheap to answer. */
export const probePaths = ['/health', '/healthz', '/readyz'];

/** Requests that are begun in one turn of the event loop; some of them take milliseconds. */
const mostInOneTurn = 4;

/** Begins few requests in one turn of the event loop, in their order; probes do not wait. */
export function paceRequests(app: FastifyInstance): void {
  let waiting: (() => void)[] = [];
  let isRunning = false;

  app.addHook('onRequest', async (request, reply) => {
    if (probePaths.includes(requestTarget(request.url).path)) return;
    const turn = new Promise<void>((resolve) => waiting.push(resolve));
    if (!isRunning) void run();
    await turn;
    // Nobody is there to be answered.
    if (request.raw.socket.destroyed) return reply.hijack();
  });

  async function run(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      await quietTurn();
      const now = waiting.slice(0, mostInOneTurn);
      waiting = waiting.slice(mostInOneTurn);
      for (const begin of now) begin();
    }
    isRunning = false;
  }
}
