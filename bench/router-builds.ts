import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readyRouter } from '../test/router/router-process.ts';
import { throughput } from './router.ts';
import { BenchError } from './support/bench-error.ts';
import { cpuMs } from './support/process-cost.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const replicaFile = fileURLToPath(new URL('./support/bare-replica.mjs', import.meta.url));
const megabyte = 2 ** 20;
const floodBytes = 256 * megabyte;
const rounds = 5;

/**
 * What a megabyte costs the routers of several built checkouts, `ROUTERS=name=folder,name=folder`, in turn in one run:
 * how a change of the relay is judged.
 */
export async function benchRouterBuilds(): Promise<void> {
  const builds = (process.env.ROUTERS ?? '').split(',').map((entry) => entry.split('='));
  if (builds.some(([name, folder]) => !name || !folder)) {
    throw new BenchError('ROUTERS names the built checkouts to compare, e.g. ROUTERS=before=/a,after=/b.');
  }
  const started: AsyncDisposable[] = [];
  const replica = spawn(process.execPath, [replicaFile], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [port] = (await once(replica.stdout, 'data')) as [Buffer];
    const routers = [];
    for (const [name = '', folder] of builds) {
      const replicas = [`http://127.0.0.1:${port.toString().trim()}`];
      const router = await readyRouter(replicas, { max_connections: 10_000 }, [], folder);
      started.push(router);
      routers.push({ name, url: router.url, pid: router.pid });
    }
    for (const connections of [1, 4, 64]) {
      const costs = routers.map(() => ({ cpu: [] as number[], speed: [] as number[] }));
      for (let round = -1; round < rounds; round += 1) {
        for (const [index, { url, pid }] of routers.entries()) {
          const before = cpuMs(pid);
          const speed = await throughput(url, connections, floodBytes);
          // The first round warms the code up.
          if (round < 0) continue;
          costs[index]?.cpu.push((cpuMs(pid) - before) / (floodBytes / megabyte));
          costs[index]?.speed.push(speed);
        }
      }
      const cpu = costs.map((cost) => median(cost.cpu));
      printTable(
        `Routers, ${connections} connections, 64 KiB frames, ${floodBytes / megabyte} MB, medians of ${rounds}`,
        ['router', 'CPU ms/MB', `of ${routers[0]?.name}'s`, 'MB/s'],
        routers.map(({ name }, index) => [
          name,
          cpu[index] ?? Number.NaN,
          (cpu[index] ?? Number.NaN) / (cpu[0] ?? Number.NaN),
          median(costs[index]?.speed ?? []),
        ]),
      );
    }
  } finally {
    for (const router of started) await router[Symbol.asyncDispose]();
    replica.kill('SIGKILL');
  }
}
