import { createReadStream } from 'node:fs';
import type { z } from 'zod';
import { errorMessage, FastVideoError } from '../../base/errors.ts';
import { HeaderSchema, LineSchema, type RecordedLine, type RecordingHeader } from './recording-format.ts';

const lineFeed = 0x0a;
/** Longest line of an index; a state that a client asked for stands in one. */
const maxLineBytes = 256 * 2 ** 20;
const utf8 = new TextDecoder('utf-8', { fatal: true });

export type IndexLine = { readonly header: RecordingHeader } | { readonly line: RecordedLine };

/**
 * What an index holds, its header first, read as it is asked for; nothing for an empty file. A last line that has been
 * cut off is left out: a killed process leaves one. Throws `usage` for anything else that is not a recording.
 */
export async function* indexLines(path: string): AsyncGenerator<IndexLine, void, undefined> {
  let number = 0;
  let closed = false;
  for await (const { bytes, whole } of splitLines(path)) {
    number += 1;
    const where = `${path}:${number}`;
    const value = parseJson(bytes);
    if (number === 1) {
      yield { header: readHeader(value?.json, path) };
      continue;
    }
    const parsed = LineSchema.safeParse(value?.json);
    if (!parsed.success) {
      if (!whole) return;
      throw invalid(`${where} is not a line of a recording${value ? `: ${problemOf(parsed.error)}` : ''}.`);
    }
    if (closed) throw invalid(`${where} comes after the end of the recording.`);
    closed = 'close' in parsed.data;
    yield { line: parsed.data };
  }
}

function readHeader(value: unknown, path: string): RecordingHeader {
  const parsed = HeaderSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { format, version } = (value ?? {}) as { readonly format?: unknown; readonly version?: unknown };
  if (format === 'fastvideo-recording' && parsed.error.issues.some(({ path: [key] }) => key === 'version')) {
    const known = HeaderSchema.shape.version.value;
    throw invalid(
      `${path} is a recording of version ${JSON.stringify(version)}; only version ${known} is supported.`,
    );
  }
  throw invalid(`${path} is not a recording of fastvideo.`);
}

function parseJson(bytes: Uint8Array): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(utf8.decode(bytes)) };
  } catch {
    // Whether that is an error depends on where the line stands.
    return undefined;
  }
}

function problemOf({ issues }: z.ZodError): string {
  const [issue] = issues;
  return issue?.code === 'invalid_union' ? 'it has unknown members' : (issue?.message ?? 'it is not valid');
}

/** Not `readline`: it parts at U+2028 too, which may stand in a prompt. */
async function* splitLines(path: string) {
  let parts: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer): void => {
    parts.push(part);
    length += part.length;
    if (length > maxLineBytes) throw invalid(`${path} has a line of more than ${maxLineBytes} bytes.`);
  };
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
        add(chunk.subarray(start, end));
        yield { bytes: Buffer.concat(parts, length), whole: true };
        parts = [];
        length = 0;
        start = end + 1;
      }
      if (start < chunk.length) add(chunk.subarray(start));
    }
  } catch (error) {
    if (error instanceof FastVideoError) throw error;
    throw invalid(`${path} cannot be read: ${errorMessage(error)}`, error);
  }
  if (length > 0) yield { bytes: Buffer.concat(parts, length), whole: false };
}

function invalid(message: string, cause?: unknown): FastVideoError {
  return new FastVideoError('usage', message, { cause });
}
