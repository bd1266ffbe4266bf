import { access, constants } from 'node:fs/promises';
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
    const remedy = 'name a folder that this user can make and write';
    throw new FastVideoError(
      'start_failed',
      `${what} cannot be written to ${directory}: ${systemReason(error)}; ${remedy}.`,
      { cause: error },
    );
  }
}
