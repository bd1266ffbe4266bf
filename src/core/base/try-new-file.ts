import { open, readlink, rm } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { systemErrorCode } from './errors.ts';

/** Makes a file where none is, and removes it. A link to nothing is followed. Throws the system's error. */
export async function tryNewFile(path: string, mode = 0o600): Promise<void> {
  const target = await linkedPath(path);
  await (await open(target, 'wx', mode)).close();
  await rm(target);
}

/** Where the path leads to, over links of which the last one may lead to nothing. Throws the system's error. */
export async function linkedPath(path: string): Promise<string> {
  let target: string;
  try {
    target = await readlink(path);
  } catch (error) {
    // Nothing is there, or something that is no link.
    if (['ENOENT', 'EINVAL'].includes(systemErrorCode(error) ?? '')) return path;
    throw error;
  }
  return await linkedPath(isAbsolute(target) ? target : `${dirname(path)}/${target}`);
}
