import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { absentIfMissing } from './absent-if-missing.ts';
import { FastVideoError } from './errors.ts';
import { makeFolders } from './make-folders.ts';
import { systemReason } from './system-reason.ts';

/**
 * Makes the folder, and those above it, where they are missing.
 *
 * @param what - what goes there, in the plural, with its option or key, e.g. `Recordings (--record)`
 * @throws `start_failed` when nothing can be written there
 */
export async function makeWritableFolder(directory: string, what: string): Promise<void> {
  try {
    await makeFolders(directory);
    await access(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritableFolder(directory, what, error);
  }
}

/** Throws what `makeWritableFolder` would, as far as can be seen without making anything. */
export async function checkWritableFolder(directory: string, what: string): Promise<void> {
  try {
    await checkFolder(resolve(directory));
  } catch (error) {
    throw unwritableFolder(directory, what, error);
  }
}

/** Throws the system's error. */
async function checkFolder(path: string): Promise<void> {
  const found = await absentIfMissing(() => stat(path));
  if (!found && dirname(path) !== path) return await checkFolder(dirname(path));
  if (found && !found.isDirectory()) throw Object.assign(new Error('It is a file.'), { code: 'EEXIST' });
  await access(path, constants.W_OK | constants.X_OK);
}

function unwritableFolder(directory: string, what: string, error: unknown): FastVideoError {
  const remedy = 'name a folder that this user can create and write';
  const message = `${what} cannot be written to ${directory}: ${systemReason(error)}; ${remedy}.`;
  return new FastVideoError('start_failed', message, { cause: error });
}
