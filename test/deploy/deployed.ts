import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { loadRouterConfig } from '../../src/core/base/config/load-router-config.ts';
import { loadServeConfig } from '../../src/core/base/config/load-serve-config.ts';
import { repositoryRoot } from '../support/server-process.ts';

/** Reads a file by its path from the root of the checkout. */
export function read(path: string): string {
  return readFileSync(join(repositoryRoot, path), 'utf8');
}

/** Files below `deploy/`, from the root of the checkout. */
export function deployFiles(pattern: RegExp): string[] {
  const entries = readdirSync(join(repositoryRoot, 'deploy'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(repositoryRoot, join(entry.parentPath, entry.name)))
    .filter((path) => pattern.test(path))
    .sort();
}

/** The documents of a YAML file; throws for an error and for a warning. */
export function documents(path: string): unknown[] {
  return parseAllDocuments(read(path), { merge: true, strict: true }).map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw new Error(`${path}: ${problem.message}`);
    return document.toJS() as unknown;
  });
}

export function document(path: string): unknown {
  return documents(path)[0];
}

/** The value at a place of parsed YAML; undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  if (typeof found !== 'string') throw new Error(`There is no text at ${path.join('.')}.`);
  return found;
}

export function numberAt(value: unknown, ...path: readonly (string | number)[]): number {
  const found = at(value, ...path);
  if (typeof found !== 'number') throw new Error(`There is no number at ${path.join('.')}.`);
  return found;
}

export async function serveConfig(path: string) {
  const { config } = await loadServeConfig({ command: 'serve', configPath: join(repositoryRoot, path) });
  return config;
}

export async function routerConfig(path: string) {
  const { config } = await loadRouterConfig({ configPath: join(repositoryRoot, path) });
  return config.router;
}

/**
 * What the real command says to arguments out of a manifest, with `--check`. The folder that the manifest mounts at
 * `/etc/fastvideo` is `configs`.
 */
export function checkArguments(args: readonly string[], configs: string): { status: number; stderr: string } {
  const here = args.map((arg) => arg.replace(/^\/etc\/fastvideo(?=\/)/, join(repositoryRoot, configs)));
  const program = join(repositoryRoot, 'bin/fastvideo.js');
  const { status, stderr } = spawnSync(process.execPath, [program, ...here, '--check'], {
    encoding: 'utf8',
    // The image has a Python with FastVideo; here, one that refuses nothing stands in for it.
    env: { ...process.env, FASTVIDEO_PYTHON: join(repositoryRoot, 'test/deploy/willing-python.sh') },
  });
  return { status: status ?? -1, stderr };
}

/** `name:tag` of this version of the package. */
export function ourImage(name: string): string {
  return `${name}:${textAt(JSON.parse(read('package.json')), 'version')}`;
}
