import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { readyServer } from '../contract/servers.ts';
import { hangLimitMs } from '../support/hang-limit.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';

export interface ReplicaRow {
  readonly url: string;
  readonly status: string;
  readonly active_sessions: number;
  readonly pending_sessions: number;
  readonly consecutive_failures: number;
  readonly [field: string]: unknown;
}

/** Probes often, so that a test does not wait for them, and takes no slow replica for a dead one. */
export const eager = {
  interval_seconds: 0.1,
  timeout_seconds: hangLimitMs / 1000,
  failure_threshold: 2,
  recovery_threshold: 2,
};

/** No time of the router runs out. */
const patient = {
  health_check: eager,
  connect_timeout_seconds: hangLimitMs / 1000,
  init_timeout_seconds: hangLimitMs / 1000,
  opening_timeout_seconds: hangLimitMs / 1000,
  failover_seconds: hangLimitMs / 1000,
};

/** Starts `fastvideo router` in front of the replicas and waits until it knows them to be healthy. */
export async function readyRouter(
  replicas: readonly (string | object)[],
  settings: object = {},
  args: readonly string[] = [],
  checkout?: string,
): Promise<ServerProcess> {
  const router = {
    replicas: replicas.map((replica) => (typeof replica === 'string' ? { url: replica } : replica)),
    ...patient,
    ...settings,
  };
  return await startServer({
    command: 'router',
    ...(checkout === undefined ? {} : { checkout }),
    args: ['--host', '127.0.0.1', ...Object.entries(router).flatMap(asOption), ...args],
  });
}

/** The same with a file, at `path`, that may be changed. */
export async function routerWithFile(path: string, router: object): Promise<ServerProcess> {
  await writeRouterFile(path, router);
  return await startServer({ command: 'router', args: ['--host', '127.0.0.1', '--config', path] });
}

export async function writeRouterFile(path: string, router: object): Promise<void> {
  await writeFile(path, stringify({ router: { ...patient, ...router } }));
}

export async function rowsOf(router: ServerProcess): Promise<readonly ReplicaRow[]> {
  const { replicas } = (await (await fetch(`${router.url}/status`)).json()) as {
    replicas: readonly ReplicaRow[];
  };
  return replicas;
}

export async function rowOf(router: ServerProcess, url: string): Promise<ReplicaRow> {
  const row = (await rowsOf(router)).find((one) => one.url === url);
  if (row === undefined) throw new Error(`The router does not list ${url}.`);
  return row;
}

export async function becomes(router: ServerProcess, url: string, status: string): Promise<void> {
  await waitFor(`${status} replica ${url}`, async () => (await rowOf(router, url)).status === status);
}

export async function metricOf(router: ServerProcess, line: string): Promise<number> {
  const text = await (await fetch(`${router.url}/metrics`)).text();
  const found = text.split('\n').find((one) => one.startsWith(`${line} `));
  return found === undefined ? Number.NaN : Number(found.slice(line.length + 1));
}

/** `count` of `fastvideo mock`, each ready. */
export async function mocks(count: number, args: readonly string[]): Promise<ServerProcess[]> {
  return await Promise.all(Array.from({ length: count }, () => readyServer('mock', args)));
}

export async function stopAll(...servers: readonly (ServerProcess | undefined)[]): Promise<void> {
  await Promise.all(servers.map((server) => server?.stop()));
}

function asOption([key, value]: [string, unknown]): string[] {
  return [`--router.${key}`, typeof value === 'string' ? value : JSON.stringify(value)];
}
