// Started beside a test run, in a session of its own. Its stdin ends when the runner has ended, however it did: what
// the run started and left is killed then, and the run's temporary folder is removed.
import { rmSync } from 'node:fs';
import { endProcessesOf } from './processes-of-run.mjs';

const [run, folder] = process.argv.slice(2);
if (run === undefined || folder === undefined) throw new Error('usage: janitor.ts RUN FOLDER');

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
process.stdin.resume();
process.stdin.on('end', () => {
  endProcessesOf(run);
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
