import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { FastVideoError, systemErrorCode } from '../base/errors.ts';
import { readText } from '../base/read-text.ts';
import { replaceFile, tryReplaceFile } from '../base/replace-file.ts';
import { systemReason } from '../base/system-reason.ts';
import { unwritable } from '../base/unwritable.ts';
import { type ContinuationState, ContinuationStateSchema } from '../protocol/continuation-state.ts';
import type { EncodedImage } from '../protocol/initial-image.ts';

/** The state that lies in the file; undefined when there is no file yet. Throws `usage`. */
export async function readContinuation(path: string): Promise<ContinuationState | undefined> {
  let text: string;
  try {
    text = await readText(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw unreadable(`--continuation ${path}`, error);
  }
  try {
    return ContinuationStateSchema.parse(JSON.parse(text));
  } catch (error) {
    const message = `--continuation ${path} contains no continuation state, which is {"kind": "…", "payload": {…}}.`;
    throw new FastVideoError('usage', message, { cause: error });
  }
}

/** Throws `input_invalid` when `writeContinuation` cannot write the file; leaves all as it is. */
export async function checkContinuation(path: string): Promise<void> {
  try {
    await tryReplaceFile(path);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Writes the file whole or not at all: what lay there before stays good until then. Throws `input_invalid`. */
export async function writeContinuation(path: string, state: ContinuationState): Promise<void> {
  try {
    await replaceFile(path, `${JSON.stringify(state)}\n`, { mode: 0o600 });
  } catch (error) {
    throw unwritable(path, error);
  }
}

const pictures: readonly (readonly [mime: string, matches: (bytes: Buffer) => boolean])[] = [
  ['image/png', (bytes) => bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))],
  ['image/jpeg', (bytes) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))],
  [
    'image/webp',
    (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
  ],
];

/** A picture for the first segment; its content says what it is. Throws `usage`. */
export async function readImage(path: string): Promise<EncodedImage> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw unreadable(`--image ${path}`, error);
  });
  const [mime] = pictures.find(([, matches]) => matches(bytes)) ?? [];
  if (mime === undefined)
    throw new FastVideoError('usage', `--image ${path} is not a PNG, JPEG or WebP picture.`);
  return { mime, name: basename(path), data: bytes.toString('base64') };
}

function unreadable(what: string, error: unknown): FastVideoError {
  const missing = systemErrorCode(error) === 'ENOENT';
  const message = missing ? 'there is no such file' : systemReason(error);
  return new FastVideoError('usage', `${what}: ${message}.`, { cause: error });
}
