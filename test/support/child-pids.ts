import { readdir, readFile } from 'node:fs/promises';

/** The processes below `pid` (children, their children, …), as Linux's `/proc` shows them. */
export async function descendantPids(pid: number): Promise<number[]> {
  const parentOf = new Map<number, number>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = await parentPid(entry);
    if (parent !== undefined) parentOf.set(Number(entry), parent);
  }
  const found = [pid];
  for (const ancestor of found) {
    for (const [child, parent] of parentOf) if (parent === ancestor) found.push(child);
  }
  return found.slice(1);
}

/** The command line of a process, its arguments parted by blanks; empty when it has ended. */
export async function commandLine(pid: number): Promise<string> {
  return (await readOrNothing(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ').trim();
}

/** When a process began, in the kernel's ticks: with it a number that was given again is not taken for the old one. */
export async function startTime(pid: number): Promise<string | undefined> {
  const stat = await readOrNothing(`/proc/${pid}/stat`);
  // proc(5): field 22, counted behind the command, which is the second one and may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

async function parentPid(pid: string): Promise<number | undefined> {
  // proc(5): "pid (comm) state ppid"; comm may hold blanks and parentheses, so look after the last one.
  const stat = await readOrNothing(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent] = fields;
  return parent === undefined || state === 'Z' ? undefined : Number(parent);
}

async function readOrNothing(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // The process ended between the listing and the look.
    return '';
  }
}
