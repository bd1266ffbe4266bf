import { deflateSync } from 'node:zlib';
import { pngChunk, pngHeader } from '../sessions/pictures.ts';
import { frameOf } from './film.ts';
import { height, width } from './python-servers.ts';

/** Models of the stand-in for FastVideo: one that makes videos from a picture, and one that takes none. */
export const fromPicture = ['--generator.model_path', 'acme/Wan2.1-I2V-14B-Diffusers'];
export const fromText = ['--generator.model_path', 'acme/Wan2.1-T2V-1.3B-Diffusers'];
/** A later segment begins with the last frame of the one before, which is cut. */
export const dropped = 1;

/** An initial image that is all of one colour, of the size of the video. */
export function plainPicture(red: number): object {
  const row = Buffer.from([0, ...Array<number[]>(width).fill([red, 60, 60]).flat()]);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const data = pngChunk('IDAT', deflateSync(Buffer.concat(Array<Buffer>(height).fill(row))));
  const file = Buffer.concat([
    signature,
    pngHeader({ width, height }),
    data,
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
  return { mime: 'image/png', name: 'plain.png', data: file.toString('base64') };
}

/** The mean of the red channel of each of these frames: the stand-in counts there, from the red of its first picture. */
export async function redOf(film: Buffer, ...indices: readonly number[]): Promise<number[]> {
  const means = [];
  for (const index of indices) {
    const frame = await frameOf(film, index);
    let sum = 0;
    for (let at = 0; at < frame.length; at += 3) sum += frame[at] ?? 0;
    means.push(sum / (frame.length / 3));
  }
  return means;
}
