import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Tool } from './needs.ts';

const startAttempts = 3;

/** The `redis-server` (or `valkey-server`) of tests: `FASTVIDEO_REDIS_SERVER`, else the first of the `PATH`. */
export const redisServer: Tool = {
  path: findProgram(),
  remedy:
    'There is no redis-server. Install it (Debian: apt-get install redis-server) or set FASTVIDEO_REDIS_SERVER to its path.',
};

function findProgram(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const names = ['redis-server', 'valkey-server'];
  const candidates = [
    process.env['FASTVIDEO_REDIS_SERVER'],
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
  ];
  return candidates.find((path) => path !== undefined && isExecutable(path));
}

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends it in order; nothing to do when it has ended. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
}

/** A real server on loopback that keeps nothing on the disk; on a free port unless one is given. */
export async function startRedisServer(
  port?: number,
  settings: readonly string[] = [],
): Promise<RedisServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch(port ?? (await freePort()), settings);
    } catch (error) {
      // Somebody else may have taken the port that was free a moment ago.
      if (attempt === startAttempts) throw error;
    }
  }
}

async function launch(port: number, settings: readonly string[]): Promise<RedisServer> {
  const { path: program, remedy } = redisServer;
  if (program === undefined) throw new Error(remedy);
  const directory = await mkdtemp(join(tmpdir(), 'fastvideo-redis-'));
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
  const child = spawn(program, [...place, '--save', '', '--appendonly', 'no', ...settings]);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
    process.off('exit', killWithUs);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await ready(child);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  const pid = child.pid ?? 0;
  const url = `redis://127.0.0.1:${port}`;
  return { url, port, pid, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

async function ready(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (text: Buffer) => {
      output += text.toString();
      if (output.includes('Ready to accept connections')) resolve();
    });
    child.stderr?.on('data', (text: Buffer) => {
      output += text.toString();
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`redis-server ended before it was ready: ${output}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not a program: the next candidate is looked at.
    return false;
  }
}
