import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, posix, win32 } from 'node:path';
import { errorMessage, FastVideoError, systemErrorCode } from '../../../base/errors.ts';
import type { FileHashes } from '../file-hashes.ts';

/**
 * Looks at the files that hold a model's weights outside of it. With `pinned`, where the model's own hash is given, each
 * needs one too: whoever changes the weights changes every answer. Throws `config_invalid`.
 */
export async function verifyExternalFiles(
  modelPath: string,
  files: readonly string[],
  hashes: FileHashes,
  pinned: boolean,
): Promise<void> {
  const refuse = (what: string, cause?: unknown) =>
    new FastVideoError('config_invalid', `The safety classifier ${modelPath} keeps weights in ${what}`, {
      cause,
    });
  for (const file of files) {
    if (isAbsolute(file) || win32.isAbsolute(file) || posix.normalize(file).startsWith('..')) {
      throw refuse(`"${file}", which is not in its folder.`);
    }
    if (pinned && !hashes.has(file)) {
      throw refuse(
        `"${file}", which its SHA-256 does not cover: set the hash of that file too (--file-sha256 ${file}=HASH, or file_hashes in the config).`,
      );
    }
    const path = join(dirname(modelPath), file);
    try {
      if (!(await stat(path)).isFile()) throw refuse(`${path}, which is not a file.`);
      await hashes.verifyFile(file, path);
    } catch (error) {
      if (error instanceof FastVideoError) throw error;
      const why = systemErrorCode(error) === 'ENOENT' ? 'there is no such file' : errorMessage(error);
      throw refuse(`${path}, which cannot be read: ${why}.`, error);
    }
  }
}
