import { spawn } from 'node:child_process';
import { buffer, text } from 'node:stream/consumers';
import { ContractClient } from '../contract/client.ts';
import { filmOf } from '../contract/film.ts';
import { makeSegment, type Segment } from '../contract/segment.ts';

const ffmpeg = '/usr/bin/ffmpeg';
/** Of a frame as it is compared. */
const size = { width: 64, height: 48 };
/** Brightness by which two encodings of the same frame may differ; two neighbouring frames differ by more. */
const mostDifference = 3;

/** The film of an unbroken session with these prompts. */
export async function unbrokenFilm(url: string, prompts: readonly string[]): Promise<Buffer> {
  await using client = await ContractClient.open(url);
  const segments: Segment[] = [];
  for (const prompt of prompts) segments.push(await makeSegment(client, prompt));
  return filmOf(segments);
}

interface Films {
  readonly film: Buffer;
  readonly reference: Buffer;
  /** How many of their first ones are compared; the reference need not have more. */
  readonly frames: number;
}

/** Throws at the first frame that is not the same picture in both. Gives how many were compared. */
export async function comparePictures({ film, reference, frames }: Films): Promise<number> {
  const [ours, theirs] = await Promise.all([grey(film, frames), grey(reference, frames)]);
  const frameBytes = size.width * size.height;
  if (ours.length < theirs.length) throw new Error('A film has fewer frames than the unbroken one.');
  const count = theirs.length / frameBytes;
  for (let index = 0; index < count; index += 1) {
    const at = (of: Buffer) => of.subarray(index * frameBytes, (index + 1) * frameBytes);
    const difference = meanDifference(at(ours), at(theirs));
    if (difference > mostDifference) throw new Error(`Frame ${index} differs by ${difference.toFixed(1)}.`);
  }
  return count;
}

function meanDifference(one: Buffer, other: Buffer): number {
  let sum = 0;
  for (const [index, value] of one.entries()) sum += Math.abs(value - (other[index] ?? 0));
  return sum / one.length;
}

async function grey(film: Buffer, frames: number): Promise<Buffer> {
  const scale = `scale=${size.width}:${size.height}`;
  const first = ['-map', '0:v', '-frames:v', String(frames)];
  const out = [...first, '-vf', scale, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'];
  const child = spawn(ffmpeg, ['-v', 'error', '-i', 'pipe:0', ...out]);
  // A decoder that gives up early closes its input; what it says then is read below.
  child.stdin.on('error', () => undefined);
  child.stdin.end(film);
  const [stdout, stderr] = await Promise.all([buffer(child.stdout), text(child.stderr)]);
  if (stderr !== '') throw new Error(`ffmpeg: ${stderr}`);
  return stdout;
}
