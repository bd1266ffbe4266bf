import { randomUUID } from 'node:crypto';
import { access, constants, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { absentIfMissing } from './absent-if-missing.ts';
import { linkedPath, tryNewFile } from './try-new-file.ts';

/** A draft of this age was left behind by a process that ended in the middle of a write. */
const leftAfterMs = 600_000;
const suffix = '.fastvideo-tmp';

interface ReplaceOptions {
  /** Of a file that is new; default 0o666, less what the process masks. */
  readonly mode?: number;
  /** Called with the whole content on the disk, before the old file is replaced. */
  readonly before?: () => Promise<void>;
}

/**
 * Puts the content into the file in one step: a reader sees the old or the new, and after a failure the old one is still
 * there and nothing beside it. A link stays, and the file that it leads to is replaced; a pipe or a device is written as
 * it is. Throws the system's error.
 */
export async function replaceFile(
  path: string,
  content: string,
  { mode = 0o666, before }: ReplaceOptions = {},
): Promise<void> {
  const target = await linkedPath(path);
  const found = await absentIfMissing(() => stat(target));
  if (found && !found.isFile() && !found.isDirectory()) {
    await before?.();
    await writeFile(target, content);
    return;
  }
  // Of a folder that can be written but not listed they stay.
  await removeLeftDrafts(target).catch(() => undefined);
  const draft = draftOf(target);
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await before?.();
    await rename(draft, target);
  } catch (error) {
    // What cannot be removed now is left for a later write, and must not hide the first error.
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Throws the system's error where `replaceFile` would, short of a disk that fills; leaves all as it is. */
export async function tryReplaceFile(path: string): Promise<void> {
  const target = await linkedPath(path);
  const found = await absentIfMissing(() => stat(target));
  if (found?.isDirectory()) throw Object.assign(new Error('It is a folder.'), { code: 'EISDIR' });
  if (found && !found.isFile()) await access(target, constants.W_OK);
  else await tryNewFile(draftOf(target));
}

function draftOf(path: string): string {
  return `${path}.${randomUUID()}${suffix}`;
}

async function removeLeftDrafts(path: string): Promise<void> {
  const folder = dirname(path);
  const start = `${basename(path)}.`;
  for (const name of (await absentIfMissing(() => readdir(folder))) ?? []) {
    if (!name.startsWith(start) || !name.endsWith(suffix)) continue;
    const left = join(folder, name);
    const found = await absentIfMissing(() => stat(left));
    if (found && found.mtimeMs + leftAfterMs < Date.now()) await rm(left, { force: true });
  }
}
