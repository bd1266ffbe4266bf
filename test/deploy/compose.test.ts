import { describe, expect, it } from 'vitest';
import {
  at,
  checkArguments,
  document,
  list,
  ourImage,
  routerConfig,
  serveConfig,
  textAt,
} from './deployed.ts';

const folder = 'deploy/compose';
const compose = document(`${folder}/compose.yaml`);
const gpu = document(`${folder}/compose.gpu.yaml`);
const serve = await serveConfig(`${folder}/config/serve.yaml`);
const router = await routerConfig(`${folder}/config/router.yaml`);
const services = Object.entries(at(compose, 'services') as Record<string, unknown>);
const ours = services.filter(([, service]) => at(service, 'image') === ourImage('fastvideo'));
const replicas = ours.filter(([name]) => name !== 'router');

describe('compose.yaml', () => {
  it('runs two replicas, a router and a Redis', () => {
    expect(services.map(([name]) => name).sort()).toEqual(['redis', 'replica-a', 'replica-b', 'router']);
    expect(replicas).toHaveLength(2);
  });

  it('has the router look for the replicas and the store where they are', () => {
    const urls = replicas.map(([name]) => `http://${name}:${serve.server.port}`);
    expect(router.replicas.map(({ url }) => url).sort()).toEqual(urls.sort());
    for (const store of [serve.streaming.store, router.store]) {
      expect(services.map(([name]) => name)).toContain(new URL(store).hostname);
    }
  });

  it.each(ours)('runs %s with arguments that the command takes', (_, service) => {
    expect(at(service, 'volumes')).toEqual(['./config:/etc/fastvideo:ro']);
    const result = checkArguments(list(at(service, 'command')).map(String), `${folder}/config`);
    expect(result).toMatchObject({ status: 0 });
  });

  it.each(ours)('leaves %s more time to stop than its drain takes', (name, service) => {
    const drain = name === 'router' ? router.drain_seconds : serve.server.drain_seconds;
    expect(seconds(textAt(service, 'stop_grace_period'))).toBeGreaterThanOrEqual(drain + 10);
  });

  it.each(ours)('asks %s for its health at its port', (name, service) => {
    const test = list(at(service, 'healthcheck', 'test')).map(String);
    expect(test.slice(0, 3)).toEqual(['CMD', 'node', '/app/healthcheck.mjs']);
    const port = name === 'router' ? router.port : serve.server.port;
    expect(test[3]).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/readyz`));
  });

  it('waits only for services that tell their health', () => {
    const waits = services.flatMap(([, service]) => Object.entries(at(service, 'depends_on') ?? {}));
    expect(waits.length).toBeGreaterThan(2);
    for (const [name, how] of waits) {
      expect(at(how, 'condition')).toBe('service_healthy');
      expect(at(compose, 'services', name, 'healthcheck', 'test')).toBeDefined();
    }
  });

  it('opens a port of the host for the router alone, on loopback', () => {
    const open = services.filter(([, service]) => at(service, 'ports') !== undefined);
    expect(open.map(([name]) => name)).toEqual(['router']);
    const [port] = list(at(compose, 'services', 'router', 'ports'));
    expect(port).toMatch(new RegExp(`^\\$\\{FASTVIDEO_BIND:-127\\.0\\.0\\.1\\}:.*:${router.port}$`));
  });

  it.each(services)(
    'lets %s write nowhere but to memory, without privileges, within limits',
    (_, service) => {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        deploy: { resources: { limits: { cpus: expect.any(String), memory: expect.any(String) } } },
      });
    },
  );
});

describe('compose.gpu.yaml', () => {
  it('gives each replica a GPU of its own', () => {
    const devices = replicas.map(([name]) =>
      at(gpu, 'services', name, 'deploy', 'resources', 'reservations', 'devices', 0, 'device_ids', 0),
    );
    expect(devices).toEqual(['0', '1']);
    expect(textAt(gpu, 'services', 'replica-a', 'image')).toBe(ourImage('fastvideo-gpu'));
  });
});

function seconds(duration: string): number {
  const [, number, unit] = /^(\d+)(s|m)$/.exec(duration) ?? [];
  return Number(number) * (unit === 'm' ? 60 : 1);
}
