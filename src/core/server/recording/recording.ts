import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FastVideoError, systemErrorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { systemReason } from '../../base/system-reason.ts';
import { cueOf } from './cues.ts';
import { indexLines } from './index-lines.ts';
import { binaryFileOf, type RecordingHeader } from './recording-format.ts';

/** A recording that has been read through once and can be played. */
export interface Recording {
  readonly indexFile: string;
  readonly path: string;
  readonly startedAt: string;
  /** How many messages of each kind the client sent. */
  readonly cues: ReadonlyMap<string, number>;
  /** It ends with the close of its connection. */
  readonly complete: boolean;
}

/**
 * The recordings of a folder, in the order in which they were made, or the one of a file. Throws `usage` when
 * there is none, or one cannot be played.
 */
export async function findRecordings(path: string, logger: Logger): Promise<Recording[]> {
  const recordings: Recording[] = [];
  for (const file of await indexFiles(path)) {
    const recording = await readRecording(file);
    if (recording) recordings.push(recording);
    // The process was killed before it had written a word.
    else logger.warn({ path: file }, 'recording is empty and ignored');
  }
  if (recordings.length === 0)
    throw invalid(`${path} contains no recording; "fastvideo mock --record DIR" writes one.`);
  return recordings.sort((left, right) => left.startedAt.localeCompare(right.startedAt));
}

async function indexFiles(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = await readdir(path);
    return names
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    const reason =
      systemErrorCode(error) === 'ENOENT' ? 'is not there' : `cannot be read (${systemReason(error)})`;
    throw invalid(`${path} ${reason}; name a folder of recordings, or the .jsonl file of one.`, error);
  }
}

/** Undefined for an empty file. */
async function readRecording(indexFile: string): Promise<Recording | undefined> {
  const cues = new Map<string, number>();
  let header: RecordingHeader | undefined;
  let binaryBytes = 0;
  let complete = false;
  for await (const read of indexLines(indexFile)) {
    if ('header' in read) {
      header = read.header;
    } else if ('close' in read.line) {
      complete = true;
    } else {
      const { line } = read;
      if ('binary' in line) binaryBytes = Math.max(binaryBytes, line.binary.offset + line.binary.length);
      if (line.from === 'client') cues.set(cueOf(line), (cues.get(cueOf(line)) ?? 0) + 1);
    }
  }
  if (!header) return undefined;
  await checkBinaryFile(binaryFileOf(indexFile), binaryBytes);
  return { indexFile, path: header.path, startedAt: header.started_at, cues, complete };
}

async function checkBinaryFile(file: string, needed: number): Promise<void> {
  if (needed === 0) return;
  const size = await stat(file).then(
    (found) => found.size,
    (error: unknown) => {
      throw invalid(
        `${file} is missing: it contains the binary messages of the index in the same folder.`,
        error,
      );
    },
  );
  if (size >= needed) return;
  throw invalid(`${file} is too short: it has ${size} bytes, and its index needs ${needed}.`);
}

function invalid(message: string, cause?: unknown): FastVideoError {
  return new FastVideoError('usage', message, { cause });
}
