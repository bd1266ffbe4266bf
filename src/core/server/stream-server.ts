import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { clientModulePaths, registerClientModule } from '../base/http/client-module.ts';
import { type HttpLimits, httpFront, onWebSocketRequest } from '../base/http/http-front.ts';
import { listen } from '../base/http/listen.ts';
import { refuseUpgrade } from '../base/http/refuse-upgrade.ts';
import { probePaths } from '../base/http/request-pace.ts';
import { requestTarget } from '../base/http/request-target.ts';
import type { Part } from '../base/lifecycle.ts';
import type { MessageRate } from '../base/message-pace.ts';
import type { ServerStatus } from '../protocol/http/status.ts';
import { type AccessOptions, checkAccess, checkKey, checkPage, isLoopback, isUnspecified } from './access.ts';
import { ClientSocket, closeGraceMs } from './client-socket.ts';
import type { OpenTap } from './connection-tap.ts';
import type { CuratedPresets } from './curated-presets.ts';
import { registerAdminRoutes } from './http/admin.ts';
import { registerCors } from './http/cors.ts';
import { registerCreation } from './http/creation.ts';
import { registerCuratedPresets } from './http/curated-presets.ts';
import { type HealthOptions, registerHealthRoutes, serverStatus } from './http/health.ts';
import { registerLora } from './http/lora.ts';
import { registerOpenApi } from './http/openapi.ts';
import { findPage, type PageOptions, pageRoute, registerPage } from './http/page.ts';
import { fileAt } from './http/page-files.ts';
import { type PromptConfigOptions, registerPromptConfig } from './http/prompt-config.ts';
import { registerUploads } from './http/uploads.ts';
import type { JobRouteParts } from './jobs/job-parts.ts';
import { registerJobRoutes } from './jobs/job-routes.ts';
import { nativeDialect } from './native/dialect.ts';
import { projectDialect } from './project/dialect.ts';
import type { Replays } from './recording/replays.ts';
import { RefusedOrigins } from './refused-origins.ts';
import { type ServeConnection, speak } from './session/connection.ts';
import type { StreamParts } from './session/stream-settings.ts';

export interface StreamServerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly apiKeys: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly allowedHosts: readonly string[];
  /** Bytes of one message at most. */
  readonly maxMessageBytes: number;
  readonly maxConnections: number;
  readonly httpLimits: HttpLimits;
  /** Unset: there are no admin routes. */
  readonly adminToken?: string;
  /** Called for `POST /admin/drain`. */
  readonly onDrainRequest: () => void;
  /** Of the messages of one client. */
  readonly messageRate: MessageRate;
  readonly clientBufferBytes: number;
  readonly pingIntervalMs: number;
  /** Service name of `/healthz`. */
  readonly service: string;
  readonly version: string;
  /** Folder of the built playground. */
  readonly playgroundDirectory: string;
  /** Folder of a web app that is served in its place. */
  readonly staticDirectory?: string;
  readonly presets: CuratedPresets;
  readonly promptProviderSuccesses: HealthOptions['promptProviderSuccesses'];
  readonly promptConfig: PromptConfigOptions;
  readonly stream: StreamParts;
  readonly jobs: JobRouteParts;
  /** What sits on each connection; default: nothing. */
  readonly taps?: readonly OpenTap[];
  /** Adds routes beside the server's own; default: none. */
  readonly moreRoutes?: (app: FastifyInstance) => void;
  /** Answers connections in place of the dialects. */
  readonly replays?: Pick<Replays, 'has' | 'serve'>;
}

/** Who serves a WebSocket, by its path. */
const dialects: ReadonlyMap<string, ServeConnection> = new Map([
  ['/v1/stream', speak(nativeDialect)],
  ['/ws', speak(projectDialect)],
]);

/** HTTP and WebSocket front of one replica. */
export class StreamServer implements Part {
  readonly name = 'server';
  readonly #options: StreamServerOptions;
  readonly #access: AccessOptions;
  readonly #refusedOrigins: RefusedOrigins;
  readonly #health: HealthOptions;
  readonly #sockets: WebSocketServer;
  #app: FastifyInstance | undefined;

  constructor(options: StreamServerOptions) {
    this.#options = options;
    const { apiKeys, allowedOrigins, allowedHosts, host } = options;
    const { pool, sessions, resumable, metrics, settings } = options.stream;
    const { activity } = metrics;
    const { streamMode } = settings;
    const { service, version } = options;
    const { promptProviderSuccesses } = options;
    this.#health = {
      pool,
      sessions,
      resumable,
      activity,
      streamMode,
      service,
      version,
      promptProviderSuccesses,
    };
    this.#refusedOrigins = new RefusedOrigins(options.stream.logger);
    this.#access = {
      apiKeys,
      allowedOrigins,
      allowedHosts,
      loopback: isLoopback(host),
      allAddresses: isUnspecified(host),
    };
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: options.maxMessageBytes,
      perMessageDeflate: false,
      // Each message, and each ping, of one client comes in a turn of the event loop of its own.
      allowSynchronousEvents: false,
    });
  }

  /** The address that clients use; the real port where 0 was asked for. */
  get url(): string {
    const address = this.#app?.server.address() as AddressInfo | null | undefined;
    const { host } = this.#options;
    return `http://${host.includes(':') ? `[${host}]` : host}:${address?.port ?? this.#options.port}`;
  }

  /** What `GET /status` answers. */
  status(): ServerStatus {
    return serverStatus(this.#health);
  }

  /** Throws `start_failed` when the address cannot be had. */
  async start(): Promise<void> {
    const { host, port } = this.#options;
    this.#app = await this.#build();
    await listen(this.#app, { host, port, section: 'server' });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#sockets.clients].map(endOf));
    this.#sockets.close();
    await this.#app?.close();
  }

  async #build(): Promise<FastifyInstance> {
    const { stream, version, playgroundDirectory, staticDirectory, presets } = this.#options;
    const page: PageOptions = {
      playgroundDirectory,
      logger: stream.logger,
      ...(staticDirectory === undefined ? {} : { staticDirectory }),
    };
    const found = await findPage(page);
    const app = httpFront({
      limits: this.#options.httpLimits,
      maxConnections: this.#options.maxConnections,
      onLimit: (limit) => stream.metrics.limitReached(limit),
      logger: stream.logger,
    });
    await registerCors(app, this.#access);
    app.addHook('onRequest', async (request, reply) => {
      const { path } = requestTarget(request.url);
      // Open whether or not keys are set, by whatever name the server is called: nothing changes there.
      const isProbe = probePaths.includes(path);
      // The admin routes have a token of their own.
      // A file of the name of a route does not open the route.
      const isPageFile =
        found !== undefined && request.routeOptions.url === pageRoute && fileAt(found, path) !== undefined;
      const open = isProbe || isPageFile || clientModulePaths.includes(path) || path.startsWith('/admin/');
      const denial =
        (isProbe ? undefined : checkPage(request.raw, this.#access)) ??
        (open ? undefined : checkKey(request.raw, this.#access));
      this.#refusedOrigins.tell(denial?.origin);
      if (denial) await reply.code(denial.status).send({ code: 'unauthorized', message: denial.message });
    });
    await registerOpenApi(app, version);
    registerHealthRoutes(app, this.#health);
    const { adminToken, onDrainRequest } = this.#options;
    const changes = { loopback: this.#access.loopback, ...(adminToken === undefined ? {} : { adminToken }) };
    registerPromptConfig(app, this.#options.promptConfig, changes);
    const { adapters: declared } = stream.settings;
    registerLora(app, { declared, pool: stream.pool, changes, logger: stream.logger });
    registerCuratedPresets(app, presets, { logger: stream.logger, preset: stream.settings.preset });
    registerCreation(app, stream);
    registerUploads(app, stream.uploads);
    await registerJobRoutes(app, this.#options.jobs);
    if (adminToken !== undefined) {
      registerAdminRoutes(app, { token: adminToken, pool: stream.pool, drain: onDrainRequest });
    }
    app.get(
      '/metrics',
      { schema: { summary: 'Metrics in the text format of Prometheus.' } },
      async (_, reply) => {
        void reply.header('content-type', stream.metrics.registry.contentType);
        return await stream.metrics.registry.metrics();
      },
    );
    this.#options.moreRoutes?.(app);
    // The operator's own app may have files of these names.
    registerClientModule(app, (path) => found?.files.has(path) ?? false);
    if (found) await registerPage(app, found, page);
    onWebSocketRequest(app, stream.logger, (request, socket, head) => this.#upgrade(request, socket, head));
    return app;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { stream, maxConnections, taps = [], replays } = this.#options;
    const { path } = requestTarget(request.url);
    const serve = dialects.get(path);
    if (!serve) {
      const known = [...dialects.keys()].join(' and ');
      refuseUpgrade(socket, 404, {
        code: 'not_found',
        message: `There is no WebSocket at ${path.slice(0, 200)}; the stream is at ${known}.`,
      });
      return;
    }
    if (replays && !replays.has(path)) {
      refuseUpgrade(socket, 404, { code: 'not_found', message: `There is no recording of ${path} to play.` });
      return;
    }
    const denial = checkAccess(request, this.#access);
    if (denial) {
      this.#refusedOrigins.tell(denial.origin);
      stream.metrics.connectionRefused();
      refuseUpgrade(socket, denial.status, { code: 'unauthorized', message: denial.message });
      return;
    }
    if (this.#sockets.clients.size >= maxConnections) {
      stream.metrics.connectionRefused();
      stream.metrics.limitReached('max_connections');
      refuseUpgrade(socket, 503, {
        code: 'session_rejected',
        message: `The server has reached its limit of ${maxConnections} connections.`,
      });
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const client = new ClientSocket(webSocket, socket, {
        bufferBytes: this.#options.clientBufferBytes,
        pingIntervalMs: this.#options.pingIntervalMs,
        logger: stream.logger,
        onBytes: (bytes) => stream.metrics.mediaSent(bytes),
        onLimit: (limit) => stream.metrics.limitReached(limit),
        rate: this.#options.messageRate,
        onSlowed: () => stream.metrics.clientSlowed(),
        taps: taps.map((open) => open({ path, socket: webSocket })).filter((tap) => tap !== undefined),
      });
      if (replays) replays.serve(path, client);
      else serve(client, stream);
    });
  }
}

/** Resolves when the connection is closed, which whoever taps it has then been told: cut off, unless it is being closed. */
async function endOf(client: WebSocket): Promise<void> {
  const closed = once(client, 'close');
  const isClosing = client.readyState === client.CLOSING;
  const timer = setTimeout(() => client.terminate(), isClosing ? closeGraceMs : 0);
  await closed;
  clearTimeout(timer);
}
