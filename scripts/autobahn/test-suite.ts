import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

const release = 'autobahntestsuite==25.10.1';

/** The Autobahn test suite, which is a program for Python 2.7. */
export interface TestSuite {
  readonly python: string;
  /** Where its packages are. */
  readonly packages: string;
}

/** What the suite says of one case: `OK`, `NON-STRICT`, `INFORMATIONAL`, `UNIMPLEMENTED`, `FAILED`, `WRONG CODE`, … */
export interface Verdict {
  readonly id: string;
  readonly behavior: string;
  readonly behaviorClose: string;
}

/** Installs it from PyPI into `folder`, where it is not there yet. */
export async function installTestSuite(folder: string, python: string): Promise<TestSuite> {
  const packages = join(folder, 'packages');
  if (!existsSync(join(packages, 'bin/wstest'))) {
    console.log(`installing ${release} into ${packages}`);
    await run(
      python,
      ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--target', packages, release],
      {},
    );
    // A folder of packages has no namespace packages otherwise.
    await writeFile(join(packages, 'zope/__init__.py'), '');
  }
  return { python, packages };
}

/** A run of `wstest`, with a folder for its spec and reports. */
export class TestRun {
  readonly #suite: TestSuite;
  readonly #folder: string;

  constructor(suite: TestSuite, folder: string) {
    this.#suite = suite;
    this.#folder = folder;
  }

  /** Runs the cases against a server at `url`. */
  async againstServer(url: string, cases: readonly string[], left: readonly string[]): Promise<Verdict[]> {
    const options = { failByDrop: false };
    const servers = [{ agent: 'fastvideo', url, options: { version: 18 } }];
    const spec = await this.#writeSpec({ options, servers, cases, 'exclude-cases': left });
    await run(this.#suite.python, this.#arguments('fuzzingclient', spec), this.#environment());
    return await this.verdicts();
  }

  /** Starts a server that each client is a case for. Gives what ends it. */
  async serveCases(
    url: string,
    cases: readonly string[],
    left: readonly string[],
  ): Promise<() => Promise<void>> {
    const options = { failByDrop: false };
    const spec = await this.#writeSpec({ url, options, cases, 'exclude-cases': left });
    const child = spawn(this.#suite.python, [...this.#arguments('fuzzingserver', spec), '-u', '0'], {
      env: this.#environment(),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const closed = once(child, 'close');
    return async () => {
      child.kill('SIGTERM');
      await closed;
    };
  }

  async verdicts(): Promise<Verdict[]> {
    const folder = join(this.#folder, 'reports');
    const names = (await readdir(folder)).filter((name) => /_case_[\d_]+[.]json$/.test(name));
    const reports = await Promise.all(names.map(async (name) => await readFile(join(folder, name), 'utf8')));
    const verdicts = reports.map((report) => JSON.parse(report) as Verdict);
    return verdicts.sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
  }

  async #writeSpec(spec: object): Promise<string> {
    await mkdir(join(this.#folder, 'reports'), { recursive: true });
    const path = join(this.#folder, 'spec.json');
    const agents = { 'exclude-agent-cases': {} };
    await writeFile(path, JSON.stringify({ ...spec, ...agents, outdir: join(this.#folder, 'reports') }));
    return path;
  }

  #arguments(mode: string, spec: string): string[] {
    return [join(this.#suite.packages, 'bin/wstest'), '-m', mode, '-s', spec];
  }

  #environment(): NodeJS.ProcessEnv {
    const paths = [this.#suite.packages, process.env['PYTHONPATH']].filter((path) => path !== undefined);
    return { ...process.env, PYTHONPATH: paths.join(delimiter) };
  }
}

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(command, [...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}.`);
}
