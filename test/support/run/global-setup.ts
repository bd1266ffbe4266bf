import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endProcessesOf, processesOf, runVariable } from './processes-of-run.mjs';

/** How long the processes that tests have told to end may take, in milliseconds. */
const endLimitMs = 60_000;

/**
 * Gives the run a temporary folder of its own and a mark that every process of it inherits. Whatever becomes of the
 * runner, nothing of either stays; a process that outlives the tests is an error of theirs.
 */
export default function setUp(): (() => Promise<void>) | undefined {
  // Each project of the run asks for it.
  if (process.env[runVariable] !== undefined) return undefined;
  const run = randomUUID();
  const folder = mkdtempSync(join(tmpdir(), 'fastvideo-tests-'));
  process.env[runVariable] = run;
  process.env['TMPDIR'] = folder;
  const janitor = spawn(
    process.execPath,
    [fileURLToPath(new URL('janitor.mjs', import.meta.url)), run, folder],
    { detached: true, stdio: ['pipe', 'ignore', 'ignore'] },
  );
  janitor.unref();
  // A pipe of a child is a socket in Node.
  (janitor.stdin as unknown as { unref(): void }).unref();

  return async () => {
    const others = () => processesOf(run).filter(({ pid }) => pid !== janitor.pid);
    const limit = Date.now() + endLimitMs;
    while (others().length > 0 && Date.now() < limit) await delay(50);
    const left = others();
    janitor.kill('SIGKILL');
    endProcessesOf(run);
    await rm(folder, { recursive: true, force: true });
    if (left.length === 0) return;
    const lines = left.map(({ pid, command }) => `  ${pid} ${command}`).join('\n');
    throw new Error(`The tests have left ${left.length} processes behind:\n${lines}`);
  };
}
