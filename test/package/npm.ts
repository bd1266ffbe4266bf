import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import type { Tool } from '../support/needs.ts';
import { repositoryRoot } from '../support/server-process.ts';

export const npm = (args: readonly string[], cwd: string): string =>
  execFileSync('npm', [...args], {
    cwd,
    encoding: 'utf8',
    stdio: 'pipe',
    // What onnxruntime-node would fetch from elsewhere is for GPUs.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });

const registry = npm(['config', 'get', 'registry'], repositoryRoot).trim();
const isReachable = await fetch(registry, { method: 'HEAD', signal: AbortSignal.timeout(10_000) }).then(
  () => true,
  () => false,
);

export const npmRegistry: Tool = {
  path: isReachable ? registry : undefined,
  remedy: `The npm registry ${registry} cannot be reached. Set "npm config set registry" to one that can.`,
};

/** Packs the package of this checkout into a folder; gives the file's name there. */
export function packedPackage(directory: string): string {
  // Not the script that builds: other tests run what it would remove.
  npm(['pack', '--ignore-scripts', '--silent', '--pack-destination', directory], repositoryRoot);
  return `./${readdirSync(directory).find((name) => name.endsWith('.tgz')) ?? ''}`;
}

/** Installs the package of this checkout, and `others` of the registry, into an empty folder. */
export function installPackage(directory: string, others: readonly string[] = []): void {
  const tarball = packedPackage(directory);
  writeFileSync(`${directory}/package.json`, '{"private":true,"type":"module"}');
  npm(['install', '--no-audit', '--no-fund', '--prefer-offline', tarball, ...others], directory);
}
