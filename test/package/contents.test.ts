import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

let packed: Packed;
let paths: string[];
beforeAll(() => {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const stdout = execFileSync('npm', args, { cwd: repositoryRoot, encoding: 'utf8', stdio: 'pipe' });
  [packed = { size: 0, unpackedSize: 0, files: [] }] = JSON.parse(stdout) as Packed[];
  paths = packed.files.map(({ path }) => path);
});

/** Which kinds of files lie in a folder, or, by their names, beside the folders. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  '': ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'],
  bin: ['js'],
  configs: ['json', 'yaml'],
  deploy: ['Dockerfile', 'cfg', 'conf', 'gpu', 'mjs', 'service', 'yaml'],
  dist: ['1', 'css', 'html', 'js', 'map', 'onnx', 'svg', 'ts', 'txt'],
  docs: ['jpg', 'json', 'md', 'py', 'svg', 'yaml'],
  python: ['py'],
};

it('holds files of these kinds and no others', () => {
  const found: Record<string, string[]> = {};
  for (const path of paths) {
    const [folder = '', ...below] = path.includes('/') ? path.split('/') : ['', path];
    const name = below.at(-1) ?? '';
    const kind = folder === '' ? name : name.slice(name.lastIndexOf('.') + 1);
    found[folder] ??= [];
    if (!found[folder].includes(kind)) found[folder].push(kind);
  }
  for (const names of Object.values(found)) names.sort();
  expect(found).toEqual(kinds);
});

it('holds the source map of what pages of others load only', () => {
  expect(paths.filter((path) => path.endsWith('.map'))).toEqual(['dist/client/browser/client.js.map']);
});

it('holds each module that a module of the program imports, and no other', () => {
  const modules = paths.filter((path) => /^dist\/(?!playground\/|client\/).*\.js$/.test(path));
  const imported = new Set(['dist/cli.js', 'dist/worker-main.js', 'dist/safety-main.js']);
  for (const path of modules) {
    const text = readFileSync(join(repositoryRoot, path), 'utf8');
    for (const [, name = ''] of text.matchAll(/(?:\bfrom |\bimport |\bimport\()"(\.[^"\n]+\.js)"/g)) {
      imported.add(join(path, '..', name));
    }
  }
  expect(modules.sort()).toEqual([...imported].sort());
});

it('names the licence of each package that is part of it', () => {
  const texts = paths.filter((path) => path.startsWith('dist/licenses/'));
  expect(texts).toEqual(['dist/licenses/zod.txt']);
  const chunks = paths.filter((path) => path.startsWith('dist/chunks/'));
  const others = chunks.flatMap((path) => {
    const text = readFileSync(join(repositoryRoot, path), 'utf8');
    return [...text.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)].map(([, name]) => name);
  });
  expect([...new Set(others)]).toEqual(['zod']);
});

it('is small', () => {
  expect(packed.size).toBeLessThan(1.5 * 2 ** 20);
  expect(packed.unpackedSize).toBeLessThan(4 * 2 ** 20);
});
