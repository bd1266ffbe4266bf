import { isBase64 } from '../base/base64.ts';
import { FastVideoError } from '../base/errors.ts';
import type { ScratchFile, ScratchFolder } from '../base/scratch/scratch-folder.ts';
import type { EncodedImage } from '../protocol/initial-image.ts';
import { jpegSize, type PictureSize, pngSize, webpSize } from './picture-size.ts';

const formats = [
  {
    mime: 'image/png',
    extension: 'png',
    sizeOf: pngSize,
    starts: [[0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]]],
  },
  { mime: 'image/jpeg', extension: 'jpg', sizeOf: jpegSize, starts: [[0, [0xff, 0xd8, 0xff]]] },
  {
    mime: 'image/webp',
    extension: 'webp',
    sizeOf: webpSize,
    // `RIFF`, four bytes of size, `WEBP`.
    starts: [
      [0, [0x52, 0x49, 0x46, 0x46]],
      [8, [0x57, 0x45, 0x42, 0x50]],
    ],
  },
] as const;

/** A checked picture in a temporary file. */
export type StoredImage = ScratchFile;

export interface ImageStorage {
  readonly scratch: Pick<ScratchFolder, 'write'>;
  /** Of one picture at most. */
  readonly maxBytes: number;
  /** Width times height, as its header tells them: the generator will decode it. */
  readonly maxPixels: number;
  readonly onLimit: (limit: ImageLimit) => void;
}

/** Named as their keys. */
export type ImageLimit = 'max_image_bytes' | 'image_pixels';

/**
 * Checks the picture by its mime type, its content and the size in its header, and writes it to a temporary file. Throws
 * `invalid_message`, which names `field`, for anything but a PNG, JPEG or WebP of at most `maxBytes` and `maxPixels`, and
 * `internal_error`, retryable, when the file cannot be written.
 */
export async function storeInitialImage(
  image: EncodedImage,
  storage: ImageStorage,
  field: string = 'initial_image',
): Promise<StoredImage> {
  try {
    return (await storePicture(decodeBase64(image.data, storage), image.mime, storage)).file;
  } catch (error) {
    if (!(error instanceof UnfitPicture)) throw error;
    const remedy = error.remedy ?? 'send a PNG, JPEG or WebP in base64';
    throw new FastVideoError('invalid_message', `${field}: ${error.message}; ${remedy}.`);
  }
}

/** A picture that is not taken: why, and what would help. */
export class UnfitPicture extends Error {
  readonly remedy: string | undefined;

  constructor(reason: string, remedy?: string) {
    super(reason);
    this.remedy = remedy;
  }
}

/** A checked picture, and what its content says of it. */
export interface CheckedPicture extends PictureSize {
  readonly file: StoredImage;
  readonly mime: string;
}

/**
 * Checks the bytes against the type that they were declared as, and writes them to a temporary file. Throws
 * `UnfitPicture`, and `internal_error`, retryable, when the file cannot be written.
 */
export async function storePicture(
  bytes: Buffer,
  declared: string,
  storage: Pick<ImageStorage, 'scratch' | 'maxPixels' | 'onLimit'>,
): Promise<CheckedPicture> {
  const { extension, ...picture } = checkPicture(bytes, declared, storage);
  try {
    return { ...picture, file: await storage.scratch.write(bytes, extension) };
  } catch (error) {
    const message = 'The server cannot store the picture now; try again later.';
    throw new FastVideoError('internal_error', message, { cause: error, retryable: true });
  }
}

/** What a picture is by its content. */
export interface PictureFormat extends PictureSize {
  readonly mime: string;
  readonly extension: string;
}

/**
 * Checks the bytes against the type that they were declared as; undefined: none was. Throws `UnfitPicture`.
 */
export function checkPicture(
  bytes: Buffer,
  declared: string | undefined,
  limits: Pick<ImageStorage, 'maxPixels' | 'onLimit'>,
): PictureFormat {
  const format = formats.find(({ starts }) =>
    starts.every(([offset, magic]) => magic.every((byte, index) => bytes[offset + index] === byte)),
  );
  if (!format) throw new UnfitPicture('its content is not a PNG, JPEG or WebP picture');
  const mime = declared?.trim().toLowerCase();
  const fits =
    mime === undefined || mime === format.mime || (mime === 'image/jpg' && format.mime === 'image/jpeg');
  if (!fits) {
    throw new UnfitPicture(`it is declared as "${declared?.slice(0, 80)}" but its content is ${format.mime}`);
  }
  const size = checkedSize(format.sizeOf(bytes), format.mime, limits);
  return { ...size, mime: format.mime, extension: format.extension };
}

function checkedSize(
  size: PictureSize | undefined,
  mime: string,
  { maxPixels, onLimit }: Pick<ImageStorage, 'maxPixels' | 'onLimit'>,
): PictureSize {
  if (!size) throw new UnfitPicture(`its width and height cannot be read, it is no whole ${mime}`);
  const { width, height } = size;
  const pixels = width * height;
  if (pixels <= maxPixels) return size;
  onLimit('image_pixels');
  throw new UnfitPicture(
    `it is ${width}x${height}, which is ${pixels} pixels, the limit is ${maxPixels}`,
    'send a smaller picture',
  );
}

function decodeBase64(data: string, { maxBytes, onLimit }: ImageStorage): Buffer {
  const text = data.startsWith('data:') ? data.slice(data.indexOf(',') + 1) : data;
  const tooLarge = (bytes: string) => {
    onLimit('max_image_bytes');
    return new UnfitPicture(`it has ${bytes} bytes, the limit is ${maxBytes}`, 'send a smaller picture');
  };
  if (text.length * 0.75 > maxBytes + 3) throw tooLarge(`about ${Math.floor(text.length * 0.75)}`);
  if (text === '' || !isBase64(text, { spaces: true })) throw new UnfitPicture('its data is not base64');
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length > maxBytes) throw tooLarge(String(bytes.length));
  return bytes;
}
