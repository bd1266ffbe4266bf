import { constants, createWriteStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { absentIfMissing } from '../../core/base/absent-if-missing.ts';
import { FastVideoError, systemErrorCode } from '../../core/base/errors.ts';
import { tryNewFile } from '../../core/base/try-new-file.ts';
import { stdoutFailure, unwritable } from '../../core/base/unwritable.ts';
import { type OtherFile, refuseOtherFiles } from './other-files.ts';

/** Where media goes. */
export interface MediaOutput {
  /** Unset for stdout. */
  readonly path: string | undefined;
  /** Resolves when the bytes are handed over. Throws `EPIPE`, as it is, when the reader has gone. */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

const stdoutNames: readonly (string | undefined)[] = [undefined, '-', '/dev/stdout'];

/**
 * A file, or stdout. A file is emptied, or made, by the first bytes: what ends before there is any media leaves it as it
 * was.
 *
 * @param others - what the command reads, or writes in the end, beside it
 * @throws `usage` when stdout is a terminal, and when the file is one of the others; `input_invalid` when it cannot be
 * written
 */
export async function openMediaOutput(
  path: string | undefined,
  others: readonly OtherFile[],
): Promise<MediaOutput> {
  if (path !== undefined && !stdoutNames.includes(path)) {
    await refuseOtherFiles(path, others);
    return await MediaFile.open(path);
  }
  if (isatty(1)) {
    throw new FastVideoError('usage', 'stdout is a terminal; redirect it, or name a file with --output.');
  }
  // Each write has its own answer; without a listener the event would end the process.
  process.stdout.on('error', () => {});
  const toStdout = (bytes: Uint8Array) =>
    write(process.stdout, bytes).catch((error: Error) => {
      throw stdoutFailure(error);
    });
  return { path: undefined, write: toStdout, close: async () => {} };
}

class MediaFile implements MediaOutput {
  readonly path: string;
  /** Unset for a file that is not there yet. */
  readonly #found: FileHandle | undefined;
  #stream: Writable | undefined;

  private constructor(path: string, found: FileHandle | undefined) {
    this.path = path;
    this.#found = found;
  }

  static async open(path: string): Promise<MediaFile> {
    try {
      const found = await absentIfMissing(() => stat(path));
      if (!found) await tryNewFile(path);
      // A pipe or a device is opened here, too: its reader is told of the end also when nothing came.
      return new MediaFile(path, found && (await open(path, constants.O_WRONLY)));
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      this.#stream ??= await this.#begin();
      await write(this.#stream, bytes);
    } catch (error) {
      throw systemErrorCode(error) === 'EPIPE' ? error : unwritable(this.path, error);
    }
  }

  async close(): Promise<void> {
    const stream = this.#stream;
    if (stream) await new Promise<void>((resolve) => stream.end(() => resolve()));
    else await this.#found?.close();
  }

  async #begin(): Promise<Writable> {
    const file = this.#found ?? (await open(this.path, 'w'));
    if ((await file.stat()).isFile()) await file.truncate();
    const stream = createWriteStream(this.path, { fd: file });
    // Each write has its own answer.
    stream.on('error', () => {});
    return stream;
  }
}

function write(stream: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
