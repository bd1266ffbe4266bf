import { readFile } from 'node:fs/promises';

/**
 * The text of a file in UTF-8, without the mark at its start that some editors write. Throws the system's error, or one
 * whose message says of what kind the file is: what cannot be read would else go on as U+FFFD.
 */
export async function readText(path: string): Promise<string> {
  const bytes = await readFile(path);
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
