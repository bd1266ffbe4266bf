import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';
import {
  at,
  checkArguments,
  deployFiles,
  document,
  documents,
  list,
  numberAt,
  ourImage,
  routerConfig,
  serveConfig,
  textAt,
} from './deployed.ts';

const folder = 'deploy/kubernetes';
const replicas = document(`${folder}/base/replicas.yaml`);
const routers = document(`${folder}/base/router.yaml`);
const redis = documents(`${folder}/components/redis/redis.yaml`);
const gpuReplicas = document(`${folder}/components/gpu/replicas.yaml`);
const autoscaler = document(`${folder}/components/autoscaling/autoscaler.yaml`);
const serve = await serveConfig(`${folder}/base/config/serve.yaml`);
const gpuServe = await serveConfig(`${folder}/components/gpu/config/serve.yaml`);
const router = await routerConfig(`${folder}/base/config/router.yaml`);

const kustomizations = deployFiles(/kustomization\.yaml$/);
const objects = deployFiles(/kubernetes\/(base|components)\/.*\.yaml$/)
  .filter((path) => !/kustomization|\/config\/|prometheus-adapter|gpu\/replicas/.test(path))
  .flatMap((path) => documents(path));
const workloads = objects.filter((object) => at(object, 'spec', 'template') !== undefined);
const named = workloads.map((object) => [textAt(object, 'metadata', 'name'), object] as const);
const container = (object: unknown) => at(object, 'spec', 'template', 'spec', 'containers', 0);
const grace = (object: unknown) =>
  numberAt(object, 'spec', 'template', 'spec', 'terminationGracePeriodSeconds');

describe('the kustomizations', () => {
  it.each(kustomizations)('%s names only files and folders that are there', (path) => {
    const tree = document(path);
    const generators = list(at(tree, 'configMapGenerator')).flatMap((one) => list(at(one, 'files')));
    const patches = list(at(tree, 'patches')).map((one) => at(one, 'path'));
    const paths = [...list(at(tree, 'resources')), ...list(at(tree, 'components')), ...generators, ...patches]
      .filter((one) => one !== undefined)
      .map((one) => join(repositoryRoot, path, '..', String(one)));
    expect(paths.filter((one) => !existsSync(one))).toEqual([]);
  });

  it('give the images of this version', () => {
    const tree = document(`${folder}/base/kustomization.yaml`);
    expect(`fastvideo:${textAt(tree, 'images', 0, 'newTag')}`).toBe(ourImage('fastvideo'));
    expect(at(container(gpuReplicas), 'image')).toBe(ourImage('fastvideo-gpu'));
    const overlay = list(at(document(`${folder}/overlays/production/kustomization.yaml`), 'images'));
    expect(overlay.map((one) => `${textAt(one, 'name')}:${textAt(one, 'newTag')}`)).toEqual([
      ourImage('fastvideo'),
      ourImage('fastvideo-gpu'),
    ]);
  });

  it("keep the name of the router's ConfigMap, which is read again, and no other", () => {
    const generators = list(at(document(`${folder}/base/kustomization.yaml`), 'configMapGenerator'));
    const kept = generators.filter((one) => at(one, 'options', 'disableNameSuffixHash') === true);
    expect(kept.map((one) => at(one, 'name'))).toEqual(['fastvideo-router']);
    expect(JSON.stringify(at(container(routers), 'volumeMounts'))).not.toContain('subPath');
  });
});

describe('the replicas', () => {
  it('have the addresses that the routers know, as many as the autoscaler may start', () => {
    const name = textAt(replicas, 'metadata', 'name');
    const service = textAt(replicas, 'spec', 'serviceName');
    expect(textAt(document(`${folder}/base/replicas-service.yaml`), 'metadata', 'name')).toBe(service);
    const urls = Array.from(
      { length: numberAt(autoscaler, 'spec', 'maxReplicas') },
      (_, index) => `http://${name}-${index}.${service}:${serve.server.port}`,
    );
    expect(router.replicas.map(({ url }) => url)).toEqual(urls);
  });

  it('are named by the autoscaler, which alone says how many there are', () => {
    const target = at(autoscaler, 'spec', 'scaleTargetRef');
    expect(target).toEqual({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      name: at(replicas, 'metadata', 'name'),
    });
    const [patch] = list(at(document(`${folder}/components/autoscaling/kustomization.yaml`), 'patches'));
    expect(textAt(patch, 'patch')).toContain('- op: remove\n  path: /spec/replicas');
  });

  it('have more time to stop than their drain takes', () => {
    expect(grace(replicas)).toBeGreaterThanOrEqual(serve.server.drain_seconds + 10);
    expect(grace(gpuReplicas)).toBeGreaterThanOrEqual(gpuServe.server.drain_seconds + 10);
  });

  it('count as available only when a router has seen them healthy', () => {
    const { interval_seconds, recovery_threshold } = router.health_check;
    expect(numberAt(replicas, 'spec', 'minReadySeconds')).toBeGreaterThan(
      interval_seconds * recovery_threshold,
    );
  });

  it('are ready by /readyz?strict and alive by /healthz', () => {
    expect(at(container(replicas), 'readinessProbe', 'httpGet', 'path')).toBe('/readyz?strict');
    expect(at(container(replicas), 'livenessProbe', 'httpGet', 'path')).toBe('/healthz');
  });
});

describe('the routers', () => {
  it('have more time to stop than the pause before it and their drain take', () => {
    const pause = Number(at(container(routers), 'lifecycle', 'preStop', 'exec', 'command', 1));
    expect(pause).toBeGreaterThan(0);
    expect(grace(routers)).toBeGreaterThanOrEqual(pause + router.drain_seconds + 10);
  });

  it('share a store with the replicas, which the component brings', () => {
    const service = redis.find((object) => at(object, 'kind') === 'Service');
    expect(router.store).toBe(serve.streaming.store);
    expect(new URL(router.store).hostname).toBe(at(service, 'metadata', 'name'));
  });
});

describe('the workloads', () => {
  it.each([
    ['replica', replicas, 'deploy/kubernetes/base/config'],
    ['replica with a GPU', replicas, 'deploy/kubernetes/components/gpu/config'],
    ['router', routers, 'deploy/kubernetes/base/config'],
  ])('run a %s with arguments that the command takes', (_, object, configs) => {
    const result = checkArguments(list(at(container(object), 'args')).map(String), configs);
    expect(result).toMatchObject({ status: 0 });
  });

  it('listen on the ports of their configs', () => {
    expect(at(container(replicas), 'ports', 0, 'containerPort')).toBe(serve.server.port);
    expect(gpuServe.server.port).toBe(serve.server.port);
    expect(at(container(routers), 'ports', 0, 'containerPort')).toBe(router.port);
  });

  it.each(named)('probe %s at ports that it has', (_, object) => {
    const ports = list(at(container(object), 'ports')).map((port) => at(port, 'name'));
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
      const { httpGet, tcpSocket } = (at(container(object), probe) ?? {}) as Record<string, unknown>;
      const port = at(httpGet ?? tcpSocket, 'port');
      if (port !== undefined) expect(ports).toContain(port);
    }
  });

  it.each(named)('run %s without privileges, with nothing to write to but its volumes', (_, object) => {
    const pod = at(object, 'spec', 'template', 'spec');
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(container(object)).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      resources: { limits: { memory: expect.any(String) } },
    });
    const volumes = list(at(pod, 'volumes')).map((volume) => at(volume, 'name'));
    const mounts = list(at(container(object), 'volumeMounts')).map((mount) => at(mount, 'name'));
    expect(mounts.filter((name) => !volumes.includes(name))).toEqual([]);
  });

  it('are what every Service, budget, policy and monitor selects', () => {
    const labels = workloads.map((object) => at(object, 'spec', 'template', 'metadata', 'labels'));
    const selectors = objects
      .map((object) => at(object, 'spec', 'podSelector') ?? at(object, 'spec', 'selector'))
      .filter((selector) => selector !== undefined)
      .map((selector) => at(selector, 'matchLabels') ?? selector);
    expect(selectors.length).toBeGreaterThan(9);
    for (const selector of selectors) expect(labels).toContainEqual(expect.objectContaining(selector));
  });
});
