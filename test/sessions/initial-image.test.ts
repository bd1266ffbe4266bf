import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { ScratchFolder } from '../../src/core/base/scratch/scratch-folder.ts';
import { storeInitialImage } from '../../src/core/sessions/initial-image.ts';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]);
const webp = Buffer.from('RIFF\x1a\0\0\0WEBPVP8L', 'latin1');
const scratch = new ScratchFolder(pino({ level: 'silent' }));
const images = { scratch, maxBytes: 32 * 2 ** 20 };

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
    [
      'a name that is not the content',
      { mime: 'image/png', name: 'a.jpg', data: png.toString('base64') },
      'ends with ".jpg"',
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
    await expect(storeInitialImage({ mime: 'image/png', data }, { scratch, maxBytes: 64 })).rejects.toThrow(
      'the limit is 64',
    );
  });
});
