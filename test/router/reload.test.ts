import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ContractClient } from '../contract/client.ts';
import { makeSegment } from '../contract/segment.ts';
import { quick } from '../contract/servers.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { becomes, mocks, routerWithFile, rowsOf, stopAll, writeRouterFile } from './router-process.ts';

let directory: string;
let path: string;
let replicas: ServerProcess[];
let router: ServerProcess;

beforeAll(async () => {
  replicas = await mocks(2, quick);
});
afterAll(async () => stopAll(...replicas));
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-router-'));
  path = join(directory, 'router.yaml');
  router = await routerWithFile(path, { replicas: [{ url: urlOf(0) }] });
});
afterEach(async () => {
  await stopAll(router);
  await rm(directory, { recursive: true });
});

function urlOf(index: number): string {
  return replicas[index]?.url ?? '';
}

async function lists(...urls: readonly string[]): Promise<void> {
  await waitFor(`list ${urls.join()}`, async () => {
    return (await rowsOf(router)).map(({ url }) => url).join() === urls.join();
  });
}

describe('the config of a running router', () => {
  it('is read again when the file changes; a session on a replica that is gone from it goes on', async () => {
    await using client = await ContractClient.open(router.url);
    await makeSegment(client, 'before');
    await writeRouterFile(path, { replicas: [{ url: urlOf(1) }] });
    await lists(urlOf(1));
    await becomes(router, urlOf(1), 'healthy');
    await makeSegment(client, 'after');
    await using next = await ContractClient.open(router.url);
    await makeSegment(next, 'on the other');
    expect(await rowsOf(router)).toMatchObject([{ url: urlOf(1), active_sessions: 1 }]);
  });

  it('is read again when the file is replaced by another, as editors and mounts do', async () => {
    const fresh = join(directory, 'fresh.yaml');
    await writeRouterFile(fresh, { replicas: [{ url: urlOf(0), weight: 0 }, { url: urlOf(1) }] });
    await rename(fresh, path);
    await lists(urlOf(0), urlOf(1));
    expect(await rowsOf(router)).toMatchObject([{ weight: 0 }, { weight: 1 }]);
  });

  it('is read again on SIGHUP, and one that is not valid changes nothing', async () => {
    await writeFile(path, 'router: {replicas: [{url: "http://a/path"}], prot: 1}\n');
    router.signal('SIGHUP');
    await waitFor('refusal', () =>
      router.stderr().includes('config is not valid; the previous one stays in use'),
    );
    expect(router.stderr()).toContain('must be a URL without a path');
    expect(router.stderr()).toContain('did you mean \\"port\\"?');
    await lists(urlOf(0));
    await using client = await ContractClient.open(router.url);
    await makeSegment(client, 'still there');
    await writeRouterFile(path, { port: 1, replicas: [{ url: urlOf(1) }, { url: urlOf(0) }] });
    router.signal('SIGHUP');
    await lists(urlOf(1), urlOf(0));
    expect(router.stderr()).not.toContain('SIGHUP');
    await makeSegment(client, 'and still');
  });
});
