import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';

/** More than any text that is read whole has a use for, and no more than a message of a client may be. */
const usualMostBytes = 64 * 2 ** 20;

/**
 * The text of a file in UTF-8, without the mark at its start that some editors write. Throws the system's error, or one
 * whose message says of what kind the file is: what cannot be read would else go on as U+FFFD. The file may be a pipe, or
 * endless: more than `mostBytes` is an error too.
 */
export async function readText(path: string, mostBytes = usualMostBytes): Promise<string> {
  // `end` is the last byte to be read: there is one more than may be when the file is too long.
  const bytes = await buffer(createReadStream(path, { end: mostBytes }));
  if (bytes.length > mostBytes) throw new Error(`it is longer than ${mostBytes / 1024} KiB`);
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new Error('it is UTF-16; save it as UTF-8');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Error('it is no text in UTF-8', { cause: error });
  }
}
