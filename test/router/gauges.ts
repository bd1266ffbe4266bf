import { waitFor } from '../support/wait-for.ts';
import type { RunningRouter } from './relay/fake-replica.ts';

/** The value of one line of a router's metrics. */
export async function gauge(router: Pick<RunningRouter, 'metrics'>, line: string): Promise<number> {
  const found = (await router.metrics()).split('\n').find((one) => one.startsWith(`${line} `));
  return Number(found?.slice(line.length + 1));
}

/** Resolves when the router serves nobody and keeps nothing. */
export async function isEmpty(router: RunningRouter): Promise<void> {
  const lines = ['connections', 'buffered_bytes', 'failover_bytes'].map((name) => `fastvideo_router_${name}`);
  const busy = () => router.registry.replicas.some(({ active, pending }) => active + pending > 0);
  await waitFor('empty router', async () => {
    const values = await Promise.all(lines.map((line) => gauge(router, line)));
    return values.every((value) => value === 0) && !busy();
  });
}
