import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../../test/support/wait-for.ts';
import { freePort } from './free-port.ts';

export interface HaProxy extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** Debian's HAProxy in front of one server, as its manual sets it up for WebSockets; undefined where it is not installed. */
export async function startHaProxy(replicaUrl: string): Promise<HaProxy | undefined> {
  if (spawnSync('haproxy', ['-v']).error) return undefined;
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'fastvideo-haproxy-'));
  const path = join(directory, 'haproxy.cfg');
  await writeFile(
    path,
    [
      'global',
      '  maxconn 8192',
      'defaults',
      '  mode http',
      '  timeout connect 5s',
      '  timeout client 60s',
      '  timeout server 60s',
      '  timeout tunnel 1h',
      'frontend front',
      `  bind 127.0.0.1:${port}`,
      '  default_backend replicas',
      'backend replicas',
      `  server one ${new URL(replicaUrl).host}`,
      '',
    ].join('\n'),
  );
  const child = spawn('haproxy', ['-db', '-q', '-f', path], { stdio: ['ignore', 'ignore', 'inherit'] });
  const { pid } = child;
  if (pid === undefined) throw new Error('HAProxy did not start.');
  const url = `http://127.0.0.1:${port}`;
  await waitFor(
    'HAProxy',
    async () =>
      await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
  );
  return {
    url,
    pid,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
