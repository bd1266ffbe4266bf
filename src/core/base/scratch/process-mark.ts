import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemErrorCode } from '../errors.ts';

/** Names one process among all that may see the same folder, now and later. */
export interface ProcessMark {
  /** Of processes with the same one the ids can be compared: one boot of one machine, one space of process ids. */
  readonly realm: string;
  readonly pid: number;
  /** When it started, in ticks since the boot; 0 where the system does not tell. Ids are used again. */
  readonly started: number;
}

export function ownMark(): ProcessMark {
  const parts = [hostname(), bootId(), pidSpace()];
  const realm = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12);
  return { realm, pid: process.pid, started: startOf(process.pid) ?? 0 };
}

/** Whether the process has ended; undefined for one of another realm, of which nothing can be known here. */
export function hasEnded({ realm, pid, started }: ProcessMark, own: ProcessMark): boolean | undefined {
  if (realm !== own.realm) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Anything else says that it is there, and another user's.
    if (systemErrorCode(error) === 'ESRCH') return true;
  }
  return started !== 0 && startOf(pid) !== started;
}

function bootId(): string {
  return readOr('', () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
}

function pidSpace(): string {
  return readOr('', () => readlinkSync('/proc/self/ns/pid'));
}

/** The 22nd field of proc(5)'s `stat`; the name before it may hold spaces and brackets. */
function startOf(pid: number): number | undefined {
  return readOr(undefined, () => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    return Number.isSafeInteger(ticks) ? ticks : undefined;
  });
}

/** Only Linux has these files; elsewhere the process id has to do. */
function readOr<Value>(otherwise: Value, read: () => Value): Value {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
