import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { descendantPids, startTime } from '../support/child-pids.ts';
import { waitFor } from '../support/wait-for.ts';

export async function isAlive(pid: number): Promise<boolean> {
  return (await startTime(pid)) !== undefined;
}

/** Waits until neither the process nor those below it have used any processor time for a while. */
export async function untilQuiet(pid: number): Promise<void> {
  let before = '';
  await waitFor(`quiet process ${pid}`, async () => {
    const pids = [pid, ...(await descendantPids(pid))];
    const now = JSON.stringify(await Promise.all(pids.map(processorTime)));
    const isQuiet = now === before;
    before = now;
    await delay(300);
    return isQuiet;
  });
}

/** In the kernel's ticks. */
async function processorTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // proc(5): fields 14 and 15, counted behind the command, which is the second one and may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}
