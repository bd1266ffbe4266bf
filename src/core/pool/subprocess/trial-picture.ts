import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

/** A grey picture in a file, for the warm-up of a model that makes videos from a picture. Disposing of it removes the file. */
export async function trialPicture(
  width: number,
  height: number,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'fastvideo-warm-up-'));
  const path = join(folder, 'grey.png');
  await writeFile(path, greyPng(width, height));
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** https://www.w3.org/TR/png-3/ */
function greyPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits a sample, RGB: some programs read nothing else.
  header.set([8, 2], 8);
  // Each row begins with its filter: 0, none.
  const rowBytes = 1 + width * 3;
  const rows = Buffer.alloc(rowBytes * height, 128);
  for (let row = 0; row < height; row += 1) rows[row * rowBytes] = 0;
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...chunks]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), framed.length - 4);
  return framed;
}
