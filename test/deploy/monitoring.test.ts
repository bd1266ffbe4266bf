import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { mocks, readyRouter, stopAll } from '../router/router-process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { at, deployFiles, document, list, read, textAt } from './deployed.ts';

const adapterPath = 'deploy/kubernetes/components/monitoring/prometheus-adapter.yaml';
const rules = list(at(document(adapterPath), 'rules', 'custom'));
const autoscaler = document('deploy/kubernetes/components/autoscaling/autoscaler.yaml');
const files = deployFiles(/\.(yaml|conf|cfg|service)$/).map((path) => read(path));

let replica: ServerProcess | undefined;
let router: ServerProcess | undefined;

beforeAll(async () => {
  [replica] = await mocks(1, []);
  router = await readyRouter([replica?.url ?? '']);
});

afterAll(async () => await stopAll(router, replica));

const get = async (server: ServerProcess | undefined, path: string) => await fetch(`${server?.url}${path}`);

describe('what deploy/ asks of a running server', () => {
  it('exists: each path of a probe, at a replica and at a router', async () => {
    const text = files.join('\n');
    const paths = [
      ...[...text.matchAll(/127\.0\.0\.1:(?:8000|9000)(\/[^"\s]+)/g)].map(([, path = '']) => path),
      ...[...text.matchAll(/\bpath: "?(\/(?:readyz|healthz|health|metrics)[^",\s}]*)/g)].map(
        ([, path = '']) => path,
      ),
      ...[...text.matchAll(/httpchk GET (\S+)/g)].map(([, path = '']) => path),
    ];
    expect(new Set(paths)).toEqual(new Set(['/readyz?strict', '/readyz', '/healthz', '/metrics']));
    for (const path of new Set(paths)) {
      expect([path, (await get(replica, path)).status]).toEqual([path, 200]);
      expect([path, (await get(router, path)).status]).toEqual([path, 200]);
    }
  });

  it('exists: each metric that the autoscaler and the adapter name', async () => {
    const asked = list(at(autoscaler, 'spec', 'metrics')).map((metric) =>
      textAt(metric, 'pods', 'metric', 'name'),
    );
    expect(asked.sort()).toEqual(rules.map((rule) => textAt(rule, 'name', 'as')).sort());
    const told = await (await get(replica, '/metrics')).text();
    const series = [...read(adapterPath).matchAll(/\bfastvideo_\w+/g)].map(([name]) => name);
    expect(series).toContain('fastvideo_sessions');
    for (const name of [...asked, ...series]) expect(told).toContain(`# TYPE ${name} gauge`);
  });

  it('is told by an idle replica too: the series by which the adapter finds pods', async () => {
    const told = await (await get(replica, '/metrics')).text();
    for (const rule of rules) {
      const [, series = ''] = /^(\w+)\{/.exec(textAt(rule, 'seriesQuery')) ?? [];
      expect(told).toMatch(new RegExp(`^${series}(\\{[^}]*\\})? 0$`, 'm'));
    }
  });

  it('is where proxies and the Ingress send clients: the two paths of streams', async () => {
    const ingress = document('deploy/kubernetes/components/ingress/ingress.yaml');
    const paths = list(at(ingress, 'spec', 'rules', 0, 'http', 'paths')).map((path) => at(path, 'path'));
    expect(paths).toEqual(['/v1/stream', '/ws']);
    expect(read('deploy/proxy/nginx.conf')).toContain('location ~ ^/(v1/stream|ws)$ {');
    expect(read('deploy/proxy/haproxy.cfg')).toContain('unless { path /v1/stream /ws }');
    for (const path of paths) {
      const url = `${router?.url.replace('http', 'ws')}${String(path)}`;
      const socket = new WebSocket(url);
      await new Promise((opened, failed) => socket.once('open', opened).once('error', failed));
      socket.terminate();
    }
  });
});
