import { fileURLToPath } from 'node:url';

/** The worker of this package, in the same Node. */
export const ownWorkerCommand: readonly [string, string] = [
  process.execPath,
  fileURLToPath(new URL('./worker-main.js', import.meta.url)),
];
