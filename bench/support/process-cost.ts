import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds of processor time that a process has used, in user and in kernel mode (proc(5): 100 ticks a second). */
export function cpuMs(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** As `cpuMs`, of the process with all below it: those that live, and those that it has waited for. */
export function treeCpuMs(pid: number): number {
  const ticks = (fields: readonly string[]) =>
    fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  const stats = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), statFields(Number(name))] as const),
  );
  const below = (root: number): number => {
    let sum = ticks(stats.get(root) ?? []);
    for (const [child, fields] of stats) if (Number(fields[1]) === root) sum += below(child);
    return sum;
  };
  return below(pid) * 10;
}

/** Of the children of this process that have ended, with theirs. */
export function endedChildrenCpuMs(): number {
  const fields = statFields(process.pid);
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** Those of `/proc/PID/stat` behind the name; none where the process has gone. */
function statFields(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    // It has ended since the folder was read.
    return [];
  }
}

/** Memory of a process that is in RAM, in KiB. */
export function rssKiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN);
}
