import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { absentIfMissing } from '../absent-if-missing.ts';
import { hasEnded, type ProcessMark } from './process-mark.ts';

/** Where a process cannot be looked for, a folder that it has not touched for this long is taken for left. */
export const leftAfterMs = 3_600_000;

const namePattern = /^fastvideo-([0-9a-f]{12})-(\d{1,10})-(\d{1,16})-\w{6}$/;

/** What a folder's name begins with; `mkdtemp` adds six characters. */
export function folderPrefix({ realm, pid, started }: ProcessMark): string {
  return `fastvideo-${realm}-${pid}-${started}-`;
}

/** Removes the folders that processes of this user have left below `parent`. Throws the system's error. */
export async function removeLeftFolders(parent: string, own: ProcessMark): Promise<void> {
  for (const name of (await absentIfMissing(() => readdir(parent))) ?? []) {
    const [, realm, pid, started] = namePattern.exec(name) ?? [];
    if (realm === undefined) continue;
    const path = join(parent, name);
    const found = await absentIfMissing(() => lstat(path));
    // Not a link, and nobody else's: who may write to the parent may have put anything there.
    if (!found?.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) continue;
    const mark = { realm, pid: Number(pid), started: Number(started) };
    const isLeft = hasEnded(mark, own) ?? found.mtimeMs + leftAfterMs < Date.now();
    if (isLeft) await rm(path, { recursive: true, force: true });
  }
}
