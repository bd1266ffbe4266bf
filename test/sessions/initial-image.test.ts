import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { ScratchFolder } from '../../src/core/base/scratch/scratch-folder.ts';
import { type ImageLimit, storeInitialImage } from '../../src/core/sessions/initial-image.ts';
import { jpegFrame, jpeg as jpegOf, png as pngOf, webp as webpOf } from './pictures.ts';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const jpeg = jpegOf(jpegFrame({ width: 8, height: 4 }));
const webp = webpOf('VP8L', { width: 8, height: 4 });
const scratch = new ScratchFolder(pino({ level: 'silent' }));
const reached: ImageLimit[] = [];
const images = {
  scratch,
  maxBytes: 32 * 2 ** 20,
  maxPixels: 64 * 2 ** 20,
  onLimit: (limit: ImageLimit) => reached.push(limit),
};

afterAll(async () => {
  await scratch.stop();
});

describe('initial image', () => {
  it.each([
    ['image/png', 'a.png', png],
    ['image/jpeg', 'photo.JPG', jpeg],
    ['image/webp', 'x.webp', webp],
  ])('keeps a %s in a temporary file until it is removed', async (mime, name, bytes) => {
    const stored = await storeInitialImage({ mime, name, data: bytes.toString('base64') }, images);
    expect(await readFile(stored.path)).toEqual(bytes);
    await stored.remove();
    await stored.remove();
    expect(existsSync(stored.path)).toBe(false);
  });

  it('takes a data URL and strips path parts of the name', async () => {
    const data = `data:image/png;base64,${png.toString('base64')}`;
    const stored = await storeInitialImage(
      { mime: 'image/png', name: '../../up.gif/evil.png', data },
      images,
    );
    expect(stored.path).not.toContain('evil');
    await stored.remove();
  });

  it.each([
    [
      'content that is no picture',
      { mime: 'image/png', data: Buffer.from('GIF89a').toString('base64') },
      'content is not',
    ],
    [
      'a mime type that is not the content',
      { mime: 'image/png', data: jpeg.toString('base64') },
      'its content is image/jpeg',
    ],
    ['what is not base64', { mime: 'image/png', data: '%%%' }, 'not base64'],
  ])('refuses %s', async (_, image, message) => {
    const refused = storeInitialImage(image, images);
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_message',
      message: expect.stringContaining(message),
    });
  });

  it('refuses more bytes than the limit', async () => {
    const data = Buffer.concat([png, Buffer.alloc(100)]).toString('base64');
    reached.length = 0;
    await expect(storeInitialImage({ mime: 'image/png', data }, { ...images, maxBytes: 64 })).rejects.toThrow(
      'the limit is 64; send a smaller picture.',
    );
    expect(reached).toEqual(['max_image_bytes']);
  });

  it('refuses more pixels than the limit, whatever the picture really holds', async () => {
    const sizes = { width: 65_535, height: 65_535 };
    const most = { width: 2 ** 14, height: 2 ** 12 };
    reached.length = 0;
    for (const [mime, bytes] of [
      ['image/png', pngOf(sizes)],
      ['image/jpeg', jpegOf(jpegFrame(sizes))],
      ['image/webp', webpOf('VP8X', sizes)],
    ] as const) {
      await expect(storeInitialImage({ mime, data: bytes.toString('base64') }, images)).rejects.toMatchObject(
        {
          code: 'invalid_message',
          message:
            'initial_image: it is 65535x65535, which is 4294836225 pixels, the limit is 67108864; send a smaller picture.',
        },
      );
    }
    expect(reached).toEqual(Array(3).fill('image_pixels'));
    const data = pngOf(most).toString('base64');
    await (await storeInitialImage({ mime: 'image/png', data }, images)).remove();
    expect(reached).toHaveLength(3);
  });

  it('refuses a picture whose size cannot be read', async () => {
    const data = png.subarray(0, 30).toString('base64');
    await expect(storeInitialImage({ mime: 'image/png', data }, images)).rejects.toMatchObject({
      code: 'invalid_message',
      message: expect.stringContaining('its width and height cannot be read, it is no whole image/png'),
    });
  });
});
