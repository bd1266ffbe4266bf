import { copyFile, stat } from 'node:fs/promises';
import { absentIfMissing } from '../../base/absent-if-missing.ts';
import { FastVideoError, systemErrorCode } from '../../base/errors.ts';
import { readText } from '../../base/read-text.ts';
import { replaceFile } from '../../base/replace-file.ts';
import { systemReason } from '../../base/system-reason.ts';

/** Longest system prompt in bytes. */
export const maxPromptFileBytes = 256 * 1024;

/** The text of the file, trimmed; undefined when it is missing or blank. Throws `config_invalid`. */
export async function readPromptFile(path: string): Promise<string | undefined> {
  let text: string;
  try {
    const found = await stat(path);
    if (!found.isFile() && !found.isDirectory()) throw new Error('it is not a file');
    if (found.size > maxPromptFileBytes) throw new Error(`it is larger than ${maxPromptFileBytes} bytes`);
    text = await readText(path, maxPromptFileBytes);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new FastVideoError(
      'config_invalid',
      `The system prompt ${path} cannot be read: ${systemReason(error)}.`,
      {
        cause: error,
      },
    );
  }
  return text.trim() || undefined;
}

/** Puts the text into the file in one step, so that no reader sees half of it; the old file is kept as `PATH.bak`. */
export async function replacePromptFile(path: string, text: string): Promise<void> {
  await replaceFile(path, text === '' ? '' : `${text.trimEnd()}\n`, {
    before: async () => {
      await absentIfMissing(() => copyFile(path, `${path}.bak`));
    },
  });
}
