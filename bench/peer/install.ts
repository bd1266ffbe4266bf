import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BenchError } from '../support/bench-error.ts';

/** The package itself, without what it depends on. */
export const peerPackage = 'fastvideo==0.2.1';
/** What its mock server uses of that. */
export const peerDependencies = [
  'fastapi==0.165.0',
  'uvicorn==0.54.0',
  'websockets==17.4',
  'pydantic==2.14.4',
  'numpy==2.4.6',
  'PyYAML==6.0.4',
] as const;

const system = 'python3';
const needed = `FastVideo's server needs Python 3.11 or later with its venv module (Debian: apt-get install python3-venv)`;

export interface InstallOptions {
  /** The Python that the environment is made with; default `python3`. */
  readonly python?: string;
  /** Where the environment is kept; default `fastvideo-bench` in the user's cache folder. */
  readonly directory?: string;
}

/** Gives the Python that has FastVideo's server. The first time it is installed from PyPI. Throws `BenchError`. */
export async function installPeer(options: InstallOptions = {}): Promise<string> {
  const { python = system, directory = cacheDirectory() } = options;
  const installed = join(directory, 'bin', 'python');
  const marker = join(directory, 'installed.txt');
  const wanted = [peerPackage, ...peerDependencies].join('\n');
  if ((await readFile(marker, 'utf8').catch(() => '')) === wanted) return installed;
  console.log(`Installing ${peerPackage} from PyPI into ${directory} ...`);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const check = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))';
  await run(python, ['-c', check], `${python} cannot be used: ${needed}`);
  await run(python, ['-m', 'venv', directory], `${python} could not make an environment in ${directory}`);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1'];
  const failed = (what: string) =>
    `pip could not install ${what} into ${directory}; the first run needs PyPI`;
  await run(installed, [...pip, '--no-deps', peerPackage], failed(peerPackage));
  await run(installed, [...pip, ...peerDependencies], failed(peerDependencies.join(' ')));
  await writeFile(marker, wanted);
  return installed;
}

function cacheDirectory(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'fastvideo-bench', peerPackage.replace('==', '-'));
}

/** Throws a `BenchError`: `failure`, and what the program said about it. */
async function run(program: string, args: readonly string[], failure: string): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const end = await new Promise<number | string | null>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('close', resolve);
  });
  if (end === 0) return;
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  // Pip tells of what is missing for other uses last; the error comes first.
  const said = lines.find((line) => line.startsWith('ERROR:')) ?? lines.at(-1);
  throw new BenchError(`${failure}. It said: ${said?.trim() ?? end ?? 'nothing'}`);
}
