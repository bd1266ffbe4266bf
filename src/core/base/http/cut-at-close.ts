import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Cuts off every connection that is open when the server closes. Node itself forgets one that has asked for an upgrade:
 * whose answer waits behind one that the client does not read would hold the end of the process for as long as it likes.
 */
export function cutAtClose(app: FastifyInstance): void {
  const open = new Set<Socket>();
  let isClosing = false;
  app.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    if (isClosing) socket.destroy();
  });
  app.addHook('preClose', (done) => {
    isClosing = true;
    for (const socket of open) socket.destroy();
    done();
  });
}
