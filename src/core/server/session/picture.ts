import { errorMessage, FastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import {
  type EncodedImage,
  encodedImage,
  InitialImageSchema,
  imageForms,
} from '../../protocol/initial-image.ts';
import { type ImageStorage, type StoredImage, storeInitialImage } from '../../sessions/initial-image.ts';
import type { Uploads } from '../uploads/uploads.ts';

/** Where a picture is had from: it came with a message, or it was uploaded before. */
export type PictureSource =
  | { readonly field: 'initial_image' | 'last_frame_image'; readonly image: unknown }
  | { readonly assetId: string };

/** The pictures of a project, by what each of them is for. */
interface ByPurpose<Picture> {
  /** The video starts from it. */
  readonly first?: Picture;
  /** The first segment ends with it. */
  readonly last?: Picture;
  /** What is seen in them is to be seen in the video. */
  readonly references: readonly Picture[];
}
export type PicturePlan = ByPurpose<PictureSource>;
export type Pictures = ByPurpose<StoredImage>;

/** A picture as another replica is given it. */
export type PictureGiven = Pick<EncodedImage, 'mime' | 'data'> | { readonly asset_id: string };
export type PicturesGiven = ByPurpose<PictureGiven>;

/** Pictures in their files, and as they came. */
export interface GivenPictures {
  readonly stored: Pictures;
  readonly given: PicturesGiven;
}

export interface PictureParts {
  readonly images: ImageStorage;
  readonly uploads: Pick<Uploads, 'hold'>;
}

interface Read {
  readonly stored: StoredImage;
  readonly given: PictureGiven;
}

/** Undefined when there is none. Throws `invalid_message`. */
export async function readPictures(
  { first, last, references }: PicturePlan,
  parts: PictureParts,
): Promise<GivenPictures | undefined> {
  const read: Read[] = [];
  const one = async (source: PictureSource | undefined): Promise<Read | undefined> => {
    const picture = source && (await readPicture(source, parts));
    if (picture) read.push(picture);
    return picture;
  };
  try {
    const from = await one(first);
    const to = await one(last);
    const others: Read[] = [];
    for (const reference of references) {
      const picture = await one(reference);
      if (picture) others.push(picture);
    }
    if (read.length === 0) return undefined;
    const pick = <Key extends keyof Read>(key: Key): ByPurpose<Read[Key]> => ({
      ...(from ? { first: from[key] } : {}),
      ...(to ? { last: to[key] } : {}),
      references: others.map((picture) => picture[key]),
    });
    return { stored: pick('stored'), given: pick('given') };
  } catch (error) {
    await Promise.all(read.map(({ stored }) => stored.remove()));
    throw error;
  }
}

async function readPicture(
  source: PictureSource,
  { images, uploads }: PictureParts,
): Promise<Read | undefined> {
  if ('assetId' in source) {
    return { stored: uploads.hold(source.assetId), given: { asset_id: source.assetId } };
  }
  const { field, image } = source;
  if (image === undefined || image === null) return undefined;
  const parsed = InitialImageSchema.safeParse(image);
  if (!parsed.success) {
    throw new FastVideoError('invalid_message', `${field}: it must be ${imageForms}.`);
  }
  const encoded = encodedImage(parsed.data);
  if (!encoded) return undefined;
  const { mime, data } = encoded;
  return { stored: await storeInitialImage(encoded, images, field), given: { mime, data } };
}

/** Removes the files of all. */
export async function removePictures({ first, last, references }: Pictures): Promise<void> {
  const all = [first, last, ...references].filter((picture) => picture !== undefined);
  await Promise.all(all.map((picture) => picture.remove()));
}

/** Where another replica finds the pictures: with the client's first frame, or as they came later. */
export type PictureOrigin = 'opening' | PicturesGiven | null;

/** The pictures that the streams of a session are made from; their files are removed when nobody needs them any more. */
export class SessionPictures {
  readonly #logger: Logger;
  #pictures: Pictures | undefined;
  #origin: PictureOrigin;

  constructor(pictures: Pictures | undefined, origin: PictureOrigin, logger: Logger) {
    this.#pictures = pictures;
    this.#origin = pictures ? origin : null;
    this.#logger = logger;
  }

  get pictures(): Pictures | undefined {
    return this.#pictures;
  }

  get origin(): PictureOrigin {
    return this.#origin;
  }

  /** A segment that is being made may start from the old ones: they stay until `ended`. */
  replace(pictures: Pictures | undefined, origin: PictureOrigin, ended: Promise<unknown> | undefined): void {
    const old = this.#pictures;
    this.#pictures = pictures;
    this.#origin = pictures ? origin : null;
    if (old) void Promise.resolve(ended).then(() => this.#remove(old));
  }

  async #remove(pictures: Pictures): Promise<void> {
    try {
      await removePictures(pictures);
    } catch (error) {
      this.#logger.warn({ error: errorMessage(error) }, 'initial image could not be removed');
    }
  }
}
