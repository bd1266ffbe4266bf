import { packagePath } from '../../base/package-path.ts';

/** The worker of this package, built, in the same Node. */
export const ownWorkerCommand: readonly [string, string] = [
  process.execPath,
  packagePath('dist/worker-main.js'),
];
