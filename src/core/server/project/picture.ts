import { errorMessage } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { StoredImage } from '../../sessions/initial-image.ts';

/** The picture that the streams of a session start from; its file is removed when nobody needs it any more. */
export class ProjectPicture {
  readonly #logger: Logger;
  #image: StoredImage | undefined;

  constructor(image: StoredImage | undefined, logger: Logger) {
    this.#image = image;
    this.#logger = logger;
  }

  get image(): StoredImage | undefined {
    return this.#image;
  }

  /** A segment that is being made may start from the old one: it stays until `ended`. */
  replace(image: StoredImage | undefined, ended: Promise<unknown> | undefined): void {
    const old = this.#image;
    this.#image = image;
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
