import fc from 'fast-check';
import { jpegSize, pngSize, webpSize } from '../../../src/core/sessions/picture-size.ts';
import { jpeg, jpegFrame, png, pngChunk, webp } from '../../sessions/pictures.ts';
import { mutatedBytes } from '../arbitraries/bytes.ts';
import { pureTarget } from '../pure.ts';

const size = { width: 640, height: 352 };
const valid = [
  png(size, [pngChunk('tEXt', Buffer.alloc(20))]),
  jpeg(jpegFrame(size), jpegFrame(size, 0xc4)),
  webp('VP8 ', size),
  webp('VP8L', size),
  webp('VP8X', size),
];

/** Base64. */
export const pictures = pureTarget<string>({
  name: 'pictures',
  about: 'headers of pictures, at what reads their size',
  inputs: () => mutatedBytes(fc.constantFrom(...valid)).map((bytes) => bytes.toString('base64')),
  read: (input) => {
    const bytes = Buffer.from(input, 'base64');
    for (const read of [pngSize, jpegSize, webpSize]) read(bytes);
  },
});
