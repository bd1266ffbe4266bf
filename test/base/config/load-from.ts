import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type LoadedServeConfig,
  type LoadOptions,
  loadServeConfig,
} from '../../../src/core/base/config/load-serve-config.ts';
import { parseOverrides } from '../../../src/core/base/config/overrides.ts';
import { FastVideoError } from '../../../src/core/base/errors.ts';

interface Given {
  /** Files to write into an empty folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly command?: LoadOptions['command'];
  readonly configPath?: string;
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Loads in an empty folder of its own that is also the home folder, so that no file of the machine is found. */
export async function load({
  files = {},
  command = 'serve',
  configPath,
  argv = [],
  env = {},
}: Given): Promise<LoadedServeConfig> {
  const cwd = await mkdtemp(join(tmpdir(), 'fastvideo-config-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
    const { overrides } = parseOverrides(argv);
    const named = configPath === undefined ? {} : { configPath };
    return await loadServeConfig({ command, cwd, overrides, env: { HOME: cwd, ...env }, ...named });
  } finally {
    await rm(cwd, { recursive: true });
  }
}

/** Loads `serve.yaml`. */
export function loadText(text: string, ...argv: string[]): Promise<LoadedServeConfig> {
  return load({ files: { 'serve.yaml': text }, configPath: 'serve.yaml', argv });
}

/** The problem lines that loading ends with, without the headline. */
export async function problemsOf(loading: Promise<unknown>): Promise<string[]> {
  const error = await loading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FastVideoError)) throw new Error(`expected a FastVideoError, got ${String(error)}`);
  if (error.code !== 'config_invalid') throw error;
  const [first = '', ...lines] = error.message.split('\n');
  return lines.length === 0 ? [first] : lines;
}
