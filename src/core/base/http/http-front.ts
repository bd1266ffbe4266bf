import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type FastifyInstance, fastify } from 'fastify';
import { errorMessage, systemErrorCode } from '../errors.ts';
import type { Logger } from '../log.ts';
import { connectionTaken } from '../quiet-turn.ts';
import { refuseSmallPieces } from './body-pieces.ts';
import { keepRoom } from './connection-room.ts';
import { cutAtClose } from './cut-at-close.ts';
import { endConnection } from './end-connection.ts';
import { answerErrors } from './error-answers.ts';
import { answerInTurn } from './in-turn.ts';
import { boundJsonBodies } from './json-bodies.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { paceRequests } from './request-pace.ts';

/** How often the limits of time are looked at. */
const checkEveryMs = 5_000;

/** Named as their keys. */
export type HttpLimit =
  | 'http_connections'
  | 'http_headers_bytes'
  | 'http_request_seconds'
  | 'http_body_bytes';

export interface HttpFrontOptions {
  readonly limits: HttpLimits;
  /** WebSockets at once at most; as many TCP connections, and some for plain requests, are held. */
  readonly maxConnections: number;
  /** Called each time that something was refused or ended because of a limit. */
  readonly onLimit: (limit: HttpLimit) => void;
  readonly logger: Logger;
}

/** The operator's keys, in the file's units. */
export interface HttpLimits {
  /** TCP connections beside the WebSockets. */
  readonly http_connections: number;
  readonly http_headers_seconds: number;
  readonly http_request_seconds: number;
  readonly http_body_bytes: number;
}

/** An HTTP server in which no stranger can hold a connection by sending slowly, or hold all that there are. */
export function httpFront({ limits, maxConnections, onLimit, logger }: HttpFrontOptions): FastifyInstance {
  // Node takes whole milliseconds only.
  const requestTimeout = Math.ceil(limits.http_request_seconds * 1000);
  const app = fastify({
    forceCloseConnections: true,
    bodyLimit: limits.http_body_bytes,
    requestTimeout,
    // For clients that take none of their answer; later than what tells a slow one that it was too slow.
    connectionTimeout: 2 * (requestTimeout + checkEveryMs),
    http: {
      // Node refuses one that is longer than the request's, whose own default is five minutes.
      requestTimeout,
      headersTimeout: Math.min(Math.ceil(limits.http_headers_seconds * 1000), requestTimeout),
      connectionsCheckingInterval: checkEveryMs,
    },
  });
  app.server.on('connection', connectionTaken);
  keepRoom(app.server, maxConnections + limits.http_connections, () => onLimit('http_connections'));
  cutAtClose(app);
  app.server.on('clientError', (error) => {
    const code = systemErrorCode(error);
    if (code === 'ERR_HTTP_REQUEST_TIMEOUT') onLimit('http_request_seconds');
    if (code === 'HPE_HEADER_OVERFLOW') onLimit('http_headers_bytes');
  });
  answerErrors(app, logger);
  boundJsonBodies(app);
  answerInTurn(app);
  paceRequests(app);
  refuseSmallPieces(app, () => onLimit('http_body_bytes'));
  app.addHook('onError', async (_request, _reply, error) => {
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') onLimit('http_body_bytes');
  });
  return app;
}

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Gives requests for a WebSocket to `handle`. Nothing that a stranger sends may throw out of the listener, which would
 * end the process. A request to change to another protocol (`h2c`) is answered as the plain HTTP/1.1 that it is too.
 */
export function onWebSocketRequest(app: FastifyInstance, logger: Logger, handle: UpgradeHandler): void {
  const lastAnswers = new WeakMap<Duplex, ServerResponse>();
  app.server.on('request', (request, response) => lastAnswers.set(request.socket, response));
  app.server.on('upgrade', (request, socket, head) => {
    socket.on('error', (error) => logger.debug({ error: errorMessage(error) }, 'upgrade failed'));
    afterAnswer(lastAnswers.get(socket), socket, () => {
      try {
        if (request.headers.upgrade?.toLowerCase() === 'websocket') handle(request, socket, head);
        else answerPlainly(app, request, socket);
      } catch (error) {
        const stack = error instanceof Error ? error.stack : undefined;
        logger.error({ error: errorMessage(error), stack }, 'upgrade failed: this is a bug of ours');
        refuseUpgrade(socket, 500, {
          code: 'internal_error',
          message: 'The server had an internal error.',
        });
      }
    });
  });
}

/** A request may come right behind another one of its connection, before that is answered: answers keep their order. */
function afterAnswer(before: ServerResponse | undefined, socket: Duplex, act: () => void): void {
  if (before === undefined || before.writableFinished || before.destroyed) act();
  else {
    before.once('close', () => {
      if (socket.writable) act();
    });
  }
}

/** Node has let go of the connection: it serves this one request, and a body that has not come by then never does. */
function answerPlainly(app: FastifyInstance, request: IncomingMessage, socket: Duplex): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  try {
    response.assignSocket(socket as Socket);
  } catch {
    // Node is refusing a request before this one by itself, and closes the connection.
    endConnection(socket);
    return;
  }
  response.once('finish', () => endConnection(socket));
  (socket as Socket).setTimeout(app.server.requestTimeout, () => socket.destroy());
  app.server.emit('request', request, response);
}
