import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

/** More than any text that is read whole has a use for, and no more than a message of a client may be. */
const usualMostBytes = 64 * 2 ** 20;

/** How long a named pipe may be without somebody who writes to it. */
const usualPipeMs = 10_000;

/**
 * The text of a file in UTF-8, without the mark at its start that some editors write. Throws the system's error, or one
 * whose message says of what kind the file is: what cannot be read would else go on as U+FFFD. The file may be a pipe, or
 * endless: more than `mostBytes` is an error too, and so is a pipe that nobody opens to write for `mostPipeMs`.
 */
export async function readText(
  path: string,
  mostBytes = usualMostBytes,
  mostPipeMs = usualPipeMs,
): Promise<string> {
  // `end` is the last byte to be read: there is one more than may be when the file is too long.
  const handle = await openToRead(path, mostPipeMs);
  const bytes = await buffer(handle.createReadStream({ end: mostBytes }));
  if (bytes.length > mostBytes) throw new Error(`it is longer than ${mostBytes / 1024} KiB`);
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new Error('it is UTF-16; save it as UTF-8');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Error('it is not UTF-8 text', { cause: error });
  }
}

/** The system opens a named pipe when somebody writes to it, however long that takes; the wait holds up the end of the process too. */
async function openToRead(path: string, mostPipeMs: number): Promise<FileHandle> {
  if (!(await stat(path)).isFIFO()) return await open(path, 'r');
  const opening = open(path, 'r');
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    // Whoever opens it to write ends the wait.
    open(path, constants.O_WRONLY | constants.O_NONBLOCK).then(
      async (writer) => await writer.close(),
      () => undefined,
    );
  }, mostPipeMs);
  try {
    const handle = await opening;
    if (!isLate) return handle;
    await handle.close();
    throw new Error(`it is a pipe to which nothing was written for ${mostPipeMs / 1000} s`);
  } finally {
    clearTimeout(timer);
  }
}
