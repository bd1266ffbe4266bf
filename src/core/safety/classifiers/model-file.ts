import { stat } from 'node:fs/promises';
import { errorMessage, FastVideoError, systemErrorCode } from '../../base/errors.ts';
import { sha256Of } from './file-hashes.ts';

/** Throws `config_invalid` when the file is missing, not a file, empty, or has another SHA-256. */
export async function verifyModelFile(path: string, sha256: string | undefined): Promise<void> {
  try {
    const info = await stat(path);
    if (!info.isFile())
      throw new FastVideoError('config_invalid', `The safety classifier ${path} is not a file.`);
    if (info.size === 0)
      throw new FastVideoError('config_invalid', `The safety classifier ${path} is empty.`);
    if (sha256 === undefined) return;
    const found = await sha256Of(path);
    if (found === sha256.toLowerCase()) return;
    throw new FastVideoError(
      'config_invalid',
      `The safety classifier ${path} does not have the expected SHA-256: it is ${found}, not ${sha256}.`,
    );
  } catch (error) {
    if (error instanceof FastVideoError) throw error;
    const why = systemErrorCode(error) === 'ENOENT' ? 'there is no such file' : errorMessage(error);
    throw new FastVideoError('config_invalid', `The safety classifier ${path} cannot be read: ${why}.`, {
      cause: error,
    });
  }
}
