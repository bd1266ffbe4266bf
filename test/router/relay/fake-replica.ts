import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pino } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { MemoryAffinity } from '../../../src/core/router/affinity/memory-affinity.ts';
import { SessionAffinity } from '../../../src/core/router/affinity/session-affinity.ts';
import { RouterMetrics } from '../../../src/core/router/metrics.ts';
import { ReplicaRegistry } from '../../../src/core/router/replicas/registry.ts';
import { RouterServer } from '../../../src/core/router/router-server.ts';
import { hangLimitMs } from '../../support/hang-limit.ts';
import { settingsOf } from '../replicas/fake-replicas.ts';

export interface FakeReplicaOptions {
  /** What it does with a connection that is open. */
  readonly serve?: (socket: WebSocket, request: IncomingMessage) => void;
  /** Instead of opening connections. */
  readonly upgrade?: (socket: Duplex, request: IncomingMessage) => void;
  /** `GET /status`; default: none. */
  readonly status?: object;
  /** Whether it answers probes; default: always. */
  readonly answersProbes?: () => boolean;
}

export interface FakeReplica extends AsyncDisposable {
  readonly url: string;
  /** The upgrade requests that came. */
  readonly requests: readonly IncomingMessage[];
}

/** A healthy replica that answers a WebSocket as the test says. */
export async function fakeReplica(options: FakeReplicaOptions): Promise<FakeReplica> {
  const { serve, upgrade, status, answersProbes = () => true } = options;
  const http = createServer((request, response) => {
    if (!answersProbes()) {
      response.destroy();
      return;
    }
    const known = request.url === '/health' || (request.url === '/status' && status !== undefined);
    response.writeHead(known ? 200 : 404).end(JSON.stringify(status ?? {}));
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true });
  const requests: IncomingMessage[] = [];
  const connections = new Set<Socket>();
  http.on('connection', (socket) => connections.add(socket));
  http.on('upgrade', (request, socket, head) => {
    requests.push(request);
    if (upgrade) upgrade(socket, request);
    else sockets.handleUpgrade(request, socket, head, (webSocket) => serve?.(webSocket, request));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      for (const socket of connections) socket.destroy();
      http.close();
      await once(http, 'close');
    },
  };
}

export interface RunningRouter extends AsyncDisposable {
  readonly url: string;
  readonly registry: ReplicaRegistry;
  metrics(): Promise<string>;
  /** Changes these settings, as a config that is read again does. */
  reload(router: object): void;
  drain(deadline: AbortSignal): Promise<void>;
}

/** Replicas as a config lists them. */
export function listed(replicas: readonly { readonly url: string }[]): object[] {
  return replicas.map(({ url }) => ({ url }));
}

/** So long that nothing is given up on a slow machine; for settings in seconds. */
export const never = hangLimitMs / 1000;

/** Probes often, and waits for each answer. */
export const patient = { interval_seconds: 0.1, timeout_seconds: never };

/** A router in this process, in front of the replicas, in their order. No time of it runs out unless a test says so. */
export async function routerFor(
  replicas: readonly { readonly url: string }[],
  router: object = {},
): Promise<RunningRouter> {
  const first = {
    host: '127.0.0.1',
    port: 0,
    replicas: listed(replicas),
    health_check: patient,
    connect_timeout_seconds: never,
    init_timeout_seconds: never,
    opening_timeout_seconds: never,
    silence_timeout_seconds: never,
    failover_seconds: never,
    // What a client sends then comes to a replica as it was sent.
    failover: 'error',
    ...router,
  };
  let settings = settingsOf(first);
  const logger = pino({ level: 'silent' });
  const metrics = new RouterMetrics();
  const registry = new ReplicaRegistry({ settings: () => settings, logger });
  const affinity = new SessionAffinity(new MemoryAffinity());
  const onDrainRequest = () => undefined;
  const server = new RouterServer({
    settings: () => settings,
    registry,
    affinity,
    metrics,
    logger,
    onDrainRequest,
  });
  await registry.start();
  await server.start();
  return {
    url: server.url,
    registry,
    metrics: async () => await metrics.registry.metrics(),
    reload: (changed) => {
      settings = settingsOf({ ...first, ...changed });
      registry.reload();
    },
    drain: async (deadline) => await server.drain(deadline),
    async [Symbol.asyncDispose]() {
      await server.stop();
      await registry.stop();
    },
  };
}

export const init = JSON.stringify({ type: 'session_init_v2' });

/** What a replica lets a session in with. */
export function letIn(socket: WebSocket, sessionId = 'session-1'): void {
  socket.send(JSON.stringify({ type: 'gpu_assigned', gpu_id: 0, session_timeout: 9, session_id: sessionId }));
}

export function reject(socket: WebSocket, retryable = false): void {
  const message = 'The server accepts no further sessions now.';
  socket.send(JSON.stringify({ type: 'error', code: 'session_rejected', message, retryable }));
  socket.close(1013, 'session_rejected');
}
