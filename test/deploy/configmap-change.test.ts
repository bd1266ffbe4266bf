import { mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mocks, rowsOf, stopAll, writeRouterFile } from '../router/router-process.ts';
import { startServer } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';

it('a router takes a changed ConfigMap, which the kubelet swaps by a link to another folder', async () => {
  const volume = await mkdtemp(join(tmpdir(), 'fastvideo-configmap-'));
  const [first, second] = await mocks(2, []);
  const show = async (revision: string, urls: readonly string[]) => {
    await mkdir(join(volume, revision));
    await writeRouterFile(join(volume, revision, 'router.yaml'), { replicas: urls.map((url) => ({ url })) });
    await symlink(revision, join(volume, '..data_tmp'));
    await rename(join(volume, '..data_tmp'), join(volume, '..data'));
  };
  const urls = [first?.url ?? '', second?.url ?? ''];
  await show('..1', urls.slice(0, 1));
  const path = join(volume, 'router.yaml');
  await symlink('..data/router.yaml', path);
  const router = await startServer({ command: 'router', args: ['--host', '127.0.0.1', '--config', path] });
  try {
    expect((await rowsOf(router)).map(({ url }) => url)).toEqual(urls.slice(0, 1));
    await show('..2', urls);
    await waitFor('second replica', async () => (await rowsOf(router)).length === 2);
    expect((await rowsOf(router)).map(({ url }) => url)).toEqual(urls);
  } finally {
    await stopAll(router, first, second);
    await rm(volume, { recursive: true });
  }
});
