import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { timeLimit } from '../base/async/deadline.ts';
import { errorMessage } from '../base/errors.ts';
import { httpFront, onWebSocketRequest } from '../base/http/http-front.ts';
import { listen } from '../base/http/listen.ts';
import { refuseUpgrade } from '../base/http/refuse-upgrade.ts';
import type { Part } from '../base/lifecycle.ts';
import { FailoverBudget } from './failover/failover-budget.ts';
import { registerAdminRoutes } from './http/admin.ts';
import { registerRoutes } from './http/routes.ts';
import { dialectOf, pathOf, readClientRequest } from './relay/client-request.ts';
import { Relay, type RelayParts } from './relay/relay.ts';

export interface RouterServerOptions extends Omit<RelayParts, 'budget'> {
  /** Called for `POST /admin/drain`. */
  readonly onDrainRequest: () => void;
}

/** How long clients and replicas may take to answer the close of a drain. */
const closeGraceMs = 2000;
/** How long a client may take to answer any other close: one that takes nothing never does. */
const closeLimitMs = 5000;

/** HTTP and WebSocket front of the router. */
export class RouterServer implements Part {
  readonly name = 'server';
  readonly #options: RouterServerOptions;
  readonly #sockets: WebSocketServer;
  readonly #budget: FailoverBudget;
  /** Those with a client. */
  readonly #relays = new Set<Relay>();
  /** Those that have not ended: a replica may not have answered the close. */
  readonly #running = new Set<Relay>();
  #app: FastifyInstance | undefined;
  #draining = false;
  #onLeft: () => void = () => undefined;

  constructor(options: RouterServerOptions) {
    this.#options = options;
    this.#budget = new FailoverBudget(() => options.settings().failover_total_bytes);
    const wsOptions: ServerOptions & { readonly closeTimeout: number } = {
      noServer: true,
      maxPayload: options.settings().max_message_bytes,
      perMessageDeflate: false,
      // Each message, and each ping, of one client comes in a turn of the event loop of its own.
      allowSynchronousEvents: false,
      closeTimeout: closeLimitMs,
    };
    this.#sockets = new WebSocketServer(wsOptions);
    options.metrics.observe({
      replicas: () => options.registry.replicas,
      connections: () => this.#relays.size,
      bufferedBytes: () => [...this.#relays].reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0),
      failoverBytes: () => this.#budget.bytes,
    });
  }

  /** The address that clients use; the real port where 0 was asked for. */
  get url(): string {
    const { host, port } = this.#options.settings();
    const address = this.#app?.server.address() as AddressInfo | null | undefined;
    return `http://${host.includes(':') ? `[${host}]` : host}:${address?.port ?? port}`;
  }

  /** Throws `start_failed` when the address cannot be had. */
  async start(): Promise<void> {
    const { host, port } = this.#options.settings();
    this.#app = this.#build();
    await listen(this.#app, { host, port, section: 'router' });
  }

  /** Takes no new client; running segments end, until the deadline, and their clients are told to come again. */
  async drain(deadline: AbortSignal): Promise<void> {
    this.#draining = true;
    for (const relay of [...this.#relays]) relay.drain();
    if (!(await this.#emptyBy(deadline, this.#relays))) {
      for (const relay of [...this.#relays]) relay.endDrain();
    }
    using grace = timeLimit(closeGraceMs);
    await this.#emptyBy(grace.signal, this.#relays, this.#running);
  }

  async stop(): Promise<void> {
    // A replica that is frozen would hold the process until its connection is given up.
    for (const relay of [...this.#relays, ...this.#running]) relay.cut();
    this.#sockets.close();
    await this.#app?.close();
  }

  #build(): FastifyInstance {
    const { settings, registry, metrics, logger, onDrainRequest } = this.#options;
    const app = httpFront({
      limits: settings().limits,
      maxConnections: settings().max_connections,
      onLimit: (limit) => metrics.limitReached(limit),
      logger,
    });
    const { admin_token: token } = settings();
    registerRoutes(app, {
      registry,
      metrics,
      isDraining: () => this.#draining,
      connections: () => this.#relays.size,
      adminToken: token,
    });
    if (token !== undefined) registerAdminRoutes(app, { token, drain: onDrainRequest });
    onWebSocketRequest(app, logger, (request, socket, head) => this.#upgrade(request, socket, head));
    return app;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { settings, metrics } = this.#options;
    const refuse = (status: number, code: string, message: string) => {
      metrics.connectionRefused();
      refuseUpgrade(socket, status, { code, message });
    };
    const dialect = dialectOf(request);
    const limit = settings().max_connections;
    if (!dialect) {
      const path = pathOf(request).slice(0, 200);
      refuse(404, 'not_found', `There is no WebSocket at ${path}; streams are at /v1/stream and /ws.`);
    } else if (this.#draining) {
      refuse(503, 'session_rejected', 'The router is draining; try again.');
    } else if (this.#sockets.clients.size >= limit) {
      metrics.limitReached('max_connections');
      refuse(503, 'session_rejected', `The router has reached its limit of ${limit} connections.`);
    } else {
      this.#sockets.handleUpgrade(request, socket, head, (client) => {
        const parts = { ...this.#options, budget: this.#budget };
        this.#serve(client, new Relay(client, socket, readClientRequest(request, dialect), parts));
      });
    }
  }

  #serve(client: WebSocket, relay: Relay): void {
    this.#relays.add(relay);
    this.#running.add(relay);
    client.on('close', () => {
      this.#relays.delete(relay);
      this.#onLeft();
    });
    const run = relay.run().catch((error: unknown) => {
      this.#options.logger.error({ error: errorMessage(error) }, 'relay failed');
      relay.close(1011, 'internal_error');
    });
    void run.then(() => {
      this.#running.delete(relay);
      this.#onLeft();
    });
  }

  /** Whether nobody is left in these before the signal aborts. */
  async #emptyBy(over: AbortSignal, ...all: readonly ReadonlySet<Relay>[]): Promise<boolean> {
    const isEmpty = () => all.every(({ size }) => size === 0);
    if (isEmpty() || over.aborted) return isEmpty();
    return await new Promise((resolve) => {
      this.#onLeft = () => {
        if (isEmpty()) resolve(true);
      };
      over.addEventListener('abort', () => resolve(isEmpty()), { once: true });
    });
  }
}
