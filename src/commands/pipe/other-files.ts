import { fstatSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FastVideoError, systemErrorCode } from '../../core/base/errors.ts';

/** A file that a command reads, or writes in the end, beside its output. */
export interface OtherFile {
  /** As messages call it, e.g. `--audio`. */
  readonly name: string;
  /** Unset: there is none. 0: what stdin is redirected from. */
  readonly file: string | 0 | undefined;
}

/** Throws `usage` where the output is one of the others: it would be lost, or the output be written over. */
export async function refuseOtherFiles(output: string, others: readonly OtherFile[]): Promise<void> {
  const own = await identityOf(output);
  if (own === undefined) return;
  for (const { name, file } of others) {
    if (file === undefined || (await identityOf(file)) !== own) continue;
    throw new FastVideoError('usage', `--output ${output} and ${name} are the same file; name another one.`);
  }
}

/** Undefined for what is no file, as a device or a pipe may well be both, and for what cannot be looked at. */
async function identityOf(file: string | 0): Promise<string | undefined> {
  try {
    const found = file === 0 ? fstatSync(0) : await stat(file);
    return found.isFile() ? `${found.dev}:${found.ino}` : undefined;
  } catch (error) {
    if (file === 0 || systemErrorCode(error) !== 'ENOENT') return undefined;
    // Neither may be there yet.
    return await realpath(dirname(file)).then(
      (folder) => join(folder, basename(file)),
      () => undefined,
    );
  }
}
