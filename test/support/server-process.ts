import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hangLimitMs } from './hang-limit.ts';

export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url));

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface StartOptions {
  readonly command: 'serve' | 'mock' | 'router';
  /** Another checkout whose build is run; default: this one. */
  readonly checkout?: string;
  /** Further arguments; `--port 0` is always given. */
  readonly args?: readonly string[];
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A `fastvideo serve`, `mock` or `router` that runs as a real process on a free port. */
export interface ServerProcess extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly pid: number;
  /** Its working directory, empty at the start; removed by `stop`. */
  readonly directory: string;
  /** What it wrote to stderr and stdout so far. */
  stderr(): string;
  stdout(): string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended. */
  readonly exited: Promise<ExitStatus>;
  /** SIGTERM; SIGKILL to what never ends. Stopping twice is fine. */
  stop(): Promise<ExitStatus>;
}

/** Starts the built CLI and waits until it has printed its address. Needs `npm run build`. */
export async function startServer(options: StartOptions): Promise<ServerProcess> {
  if (!existsSync(join(repositoryRoot, 'dist/cli.js'))) {
    throw new Error('dist/cli.js is missing: run `npm run build` first (`npm test` does).');
  }
  // A directory of its own: no config file of the surroundings is found, and nothing is written into the checkout.
  const directory = await mkdtemp(join(tmpdir(), 'fastvideo-server-'));
  const bin = resolve(options.checkout ?? repositoryRoot, 'bin/fastvideo.js');
  const child = spawn(process.execPath, [bin, options.command, '--port', '0', ...(options.args ?? [])], {
    cwd: directory,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stderr: '', stdout: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  const exited = exitOf(child);
  const stop = async (): Promise<ExitStatus> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), hangLimitMs);
    try {
      return await exited;
    } finally {
      clearTimeout(killer);
      await rm(directory, { recursive: true, force: true });
    }
  };
  let url: string;
  try {
    url = await printedUrl(child, output, exited);
  } catch (error) {
    await stop();
    throw error;
  }
  const { pid } = child;
  if (pid === undefined) throw new Error('The process has no pid although it printed its address.');
  return {
    url,
    pid,
    directory,
    stderr: () => output.stderr,
    stdout: () => output.stdout,
    signal: (signal) => {
      child.kill(signal);
    },
    exited,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

function exitOf(child: ChildProcess): Promise<ExitStatus> {
  return new Promise((done, fail) => {
    child.once('error', fail);
    // `close` and not `exit`: only then all of stderr has been read.
    child.once('close', (code, signal) => done({ code, signal }));
  });
}

async function printedUrl(
  child: ChildProcess,
  output: { readonly stderr: string },
  exited: Promise<ExitStatus>,
): Promise<string> {
  const limit = AbortSignal.timeout(hangLimitMs);
  const ended = exited.then(({ code, signal }) => {
    throw new Error(`The server ended with ${code ?? signal} before it listened:\n${output.stderr}`);
  });
  for (;;) {
    // A router's log names its replicas too.
    const [, url] = / listens on (http:\/\/127\.0\.0\.1:[1-9]\d*)/.exec(output.stderr) ?? [];
    if (url !== undefined) {
      ended.catch(() => undefined);
      return url;
    }
    if (child.stderr === null) throw new Error('The stderr of the server is not a pipe.');
    const more = once(child.stderr, 'data', { signal: limit }).catch((cause: unknown) => {
      throw new Error(`The server did not listen within ${hangLimitMs} ms:\n${output.stderr}`, { cause });
    });
    await Promise.race([more, ended]);
  }
}
