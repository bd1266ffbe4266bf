import type { FastifyInstance } from 'fastify';
import { registerClientModule } from '../../base/http/client-module.ts';
import type { RouterMetrics } from '../metrics.ts';
import type { ReplicaRegistry } from '../replicas/registry.ts';
import { registerJobRoutes } from './job-routes.ts';
import { registerLoraRoutes } from './lora-routes.ts';
import { registerRouterPage } from './page.ts';
import { registerReplicaRoutes } from './replica-routes.ts';
import { replicaSessions, routerStatus } from './status.ts';
import { registerUploadRoutes } from './upload-routes.ts';

/** A web app asks whether it has found a server, and a router stands for one. */
const service = 'ltx2-streaming-backend';

export interface RouteParts {
  readonly registry: ReplicaRegistry;
  readonly metrics: RouterMetrics;
  readonly isDraining: () => boolean;
  readonly connections: () => number;
  readonly adminToken: string | undefined;
}

/** What probes and people ask a router. */
export function registerRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { registry, metrics, isDraining, connections } = parts;

  registerClientModule(app);
  registerRouterPage(app, { registry, isDraining });
  registerReplicaRoutes(app, { registry, adminToken: parts.adminToken });
  registerLoraRoutes(app, { registry, adminToken: parts.adminToken });
  registerUploadRoutes(app, { registry });
  registerJobRoutes(app, { registry });

  app.get('/health', async () => ({ status: 'ok', sessions: connections() }));

  app.get('/healthz', async () => ({ status: 'ok', service, ts: new Date().toISOString() }));

  app.get('/readyz', async (request, reply) => {
    const { replicas } = registry;
    const healthy = replicas.filter(({ health }) => health.state === 'healthy').length;
    const draining = isDraining();
    const ready = healthy > 0 && !draining;
    const strict = typeof request.query === 'object' && request.query !== null && 'strict' in request.query;
    // A drain does not pass: whoever asks has to go elsewhere.
    if (draining || (strict && !ready)) void reply.code(503);
    const detail = draining ? 'The router is draining.' : ready ? undefined : 'No replica is healthy.';
    return {
      status: ready ? 'ready' : 'warming',
      service,
      healthy_replicas: healthy,
      total_replicas: replicas.length,
      ts: new Date().toISOString(),
      ...(detail === undefined ? {} : { detail }),
    };
  });

  app.get('/status', async () => routerStatus(registry));

  app.get('/router/replicas/sessions', async () => replicaSessions(registry));

  app.get('/metrics', async (_, reply) => {
    void reply.header('content-type', metrics.registry.contentType);
    return await metrics.registry.metrics();
  });
}
