import { errorMessage, FastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import {
  type EncodedImage,
  encodedImage,
  InitialImageSchema,
  imageForms,
} from '../../protocol/initial-image.ts';
import { type ImageStorage, type StoredImage, storeInitialImage } from '../../sessions/initial-image.ts';

/** A picture in its file, and as it came. */
export interface GivenImage {
  readonly stored: StoredImage;
  readonly given: EncodedImage;
}

/** Undefined when none was given. Throws `invalid_message`. */
export async function readPicture(image: unknown, images: ImageStorage): Promise<GivenImage | undefined> {
  if (image === undefined || image === null) return undefined;
  const parsed = InitialImageSchema.safeParse(image);
  if (!parsed.success) {
    throw new FastVideoError('invalid_message', `initial_image: it must be ${imageForms}.`);
  }
  const encoded = encodedImage(parsed.data);
  if (!encoded) return undefined;
  const { mime, data } = encoded;
  return { stored: await storeInitialImage(encoded, images), given: { mime, data } };
}

/** Where another replica finds the picture: with the client's first frame, or as it came later. */
export type PictureOrigin = 'opening' | EncodedImage | null;

/** The picture that the streams of a session start from; its file is removed when nobody needs it any more. */
export class SessionPicture {
  readonly #logger: Logger;
  #image: StoredImage | undefined;
  #origin: PictureOrigin;

  constructor(image: StoredImage | undefined, origin: PictureOrigin, logger: Logger) {
    this.#image = image;
    this.#origin = image ? origin : null;
    this.#logger = logger;
  }

  get image(): StoredImage | undefined {
    return this.#image;
  }

  get origin(): PictureOrigin {
    return this.#origin;
  }

  /** A segment that is being made may start from the old one: it stays until `ended`. */
  replace(image: StoredImage | undefined, origin: PictureOrigin, ended: Promise<unknown> | undefined): void {
    const old = this.#image;
    this.#image = image;
    this.#origin = image ? origin : null;
    if (old) void Promise.resolve(ended).then(() => this.#remove(old));
  }

  async #remove(image: StoredImage): Promise<void> {
    try {
      await image.remove();
    } catch (error) {
      this.#logger.warn({ error: errorMessage(error) }, 'initial image could not be removed');
    }
  }
}
