import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type FastifyInstance, fastify } from 'fastify';
import { errorMessage } from '../errors.ts';
import type { Logger } from '../log.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';

/** How long a peer may take to send the headers of a request, and all of it, in milliseconds. */
const headersLimitMs = 20_000;
const requestLimitMs = 60_000;
/** How often these are looked at. */
const checkEveryMs = 5_000;
/** TCP connections beside the WebSockets: probes, pages, dashboards. */
const plainConnections = 512;

export interface HttpFrontOptions {
  /** Bytes of a request's body at most. */
  readonly bodyLimit: number;
  /** WebSockets at once at most; as many TCP connections, and some for plain requests, are held. */
  readonly maxConnections: number;
}

/** An HTTP server in which no stranger can hold a connection by sending slowly, or hold all that there are. */
export function httpFront({ bodyLimit, maxConnections }: HttpFrontOptions): FastifyInstance {
  const app = fastify({
    forceCloseConnections: true,
    bodyLimit,
    requestTimeout: requestLimitMs,
    http: { headersTimeout: headersLimitMs, connectionsCheckingInterval: checkEveryMs },
  });
  app.server.maxConnections = maxConnections + plainConnections;
  return app;
}

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Gives requests for a WebSocket to `handle`. Nothing that a stranger sends may throw out of the listener, which would
 * end the process. A request to change to another protocol (`h2c`) is answered as the plain HTTP/1.1 that it is too.
 */
export function onWebSocketRequest(app: FastifyInstance, logger: Logger, handle: UpgradeHandler): void {
  app.server.on('upgrade', (request, socket, head) => {
    socket.on('error', (error) => logger.debug({ error: errorMessage(error) }, 'upgrade failed'));
    try {
      if (request.headers.upgrade?.toLowerCase() === 'websocket') handle(request, socket, head);
      else answerPlainly(app, request, socket);
    } catch (error) {
      logger.error({ error: errorMessage(error) }, 'upgrade failed');
      refuseUpgrade(socket, 500, { code: 'internal_error', message: 'Something went wrong in the server.' });
    }
  });
}

/** Node has let go of the connection: it serves this one request, and a body that has not come by then never does. */
function answerPlainly(app: FastifyInstance, request: IncomingMessage, socket: Duplex): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.once('finish', () => socket.end());
  (socket as Socket).setTimeout(requestLimitMs, () => socket.destroy());
  app.server.emit('request', request, response);
}
