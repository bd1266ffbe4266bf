import type { Readable } from 'node:stream';
import { FastVideoError } from '../../core/base/errors.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Longest line in bytes, its end left out. */
export const maxLineBytes = 1024 * 1024;

/**
 * The lines of a UTF-8 byte stream without their ends (`\n` or `\r\n`); a last line that has no end counts too. Reads
 * only when the next line is asked for. Leaving early destroys the stream, even while a read waits, so that an open pipe
 * does not keep the process.
 *
 * Throws `input_invalid` for a line of more than 1 MiB, and for one that is not UTF-8.
 */
export function readLines(input: Readable): AsyncIterableIterator<string> {
  const lines = split(input);
  return {
    next: () => lines.next(),
    return: () => {
      input.destroy();
      return lines.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* split(input: Readable): AsyncGenerator<string, undefined, undefined> {
  // Parts of the line that has not ended, their bytes, and its number from 1.
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 1;
  const add = (part: Uint8Array): void => {
    length += part.length;
    // One byte more: the carriage return before the end is no part of the line.
    if (length > maxLineBytes + 1) throw tooLong(number);
    parts.push(part);
  };
  const endLine = (): string => {
    const line = decode(Buffer.concat(parts, length), number);
    parts = [];
    length = 0;
    number += 1;
    return line;
  };
  for await (const chunk of input) {
    const bytes: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    let start = 0;
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
      add(bytes.subarray(start, end));
      yield endLine();
      start = end + 1;
    }
    if (start < bytes.length) add(bytes.subarray(start));
  }
  if (length > 0) yield endLine();
  return undefined;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array, number: number): string {
  const line = bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes;
  if (line.length > maxLineBytes) throw tooLong(number);
  try {
    const text = strict.decode(line);
    // Some editors put a byte order mark before the first line.
    return number === 1 && text.startsWith('\ufeff') ? text.slice(1) : text;
  } catch (error) {
    throw new FastVideoError('input_invalid', `Line ${number} of stdin is not UTF-8.`, { cause: error });
  }
}

function tooLong(number: number): FastVideoError {
  return new FastVideoError(
    'input_invalid',
    `Line ${number} of stdin is longer than ${maxLineBytes} bytes; is it text?`,
  );
}
