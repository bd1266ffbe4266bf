import { createHash } from 'node:crypto';
import { errorMessage, FastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import {
  type ImageLimit,
  type ImageStorage,
  type StoredImage,
  storePicture,
} from '../../sessions/initial-image.ts';

/** An uploaded picture, as its uploader is told. */
export interface Upload {
  /** The beginning of the SHA-256 of its bytes, in hex: the same at every server. */
  readonly id: string;
  readonly name: string;
  readonly mime: string;
  readonly bytes: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

interface Kept extends Upload {
  readonly file: StoredImage;
  /** Sessions that it is in use by. */
  holders: number;
  /** In milliseconds of the process's monotonic clock. */
  usedAt: number;
}

export interface UploadLimits {
  /** 0: nothing can be uploaded. */
  readonly maxFiles: number;
  /** Of all together. */
  readonly maxBytes: number;
  /** From the upload or the last use. */
  readonly ttlMs: number;
}

export type UploadStorage = Omit<ImageStorage, 'onLimit'> & {
  readonly onLimit: (limit: ImageLimit | 'uploads') => void;
};

const idLength = 32;

/** Where nothing more can be kept. */
export class UploadsFull extends Error {}

/** Pictures that were uploaded for sessions to come: checked, in temporary files, for a while. */
export class Uploads {
  readonly #kept = new Map<string, Kept>();
  readonly #limits: UploadLimits;
  readonly #storage: UploadStorage;
  readonly #logger: Logger;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    limits: UploadLimits,
    storage: UploadStorage,
    logger: Logger,
    now: () => number = () => performance.now(),
  ) {
    this.#limits = limits;
    this.#storage = storage;
    this.#logger = logger;
    this.#now = now;
  }

  /** Bytes of one picture at most. */
  get largest(): number {
    return this.#storage.maxBytes;
  }

  /** Width times height of one picture at most. */
  get mostPixels(): number {
    return this.#storage.maxPixels;
  }

  /**
   * Keeps a picture. One that is there already is kept for longer. Throws `UnfitPicture`, `UploadsFull`, and
   * `internal_error`, retryable, when the file cannot be written.
   */
  async add(bytes: Buffer, mime: string, name: string): Promise<Upload> {
    await this.#dropExpired();
    const id = createHash('sha256').update(bytes).digest('hex').slice(0, idLength);
    const known = this.#living(id);
    // Checked once; what is declared as another type than it is has to be refused each time.
    if (known?.mime === mime) return { ...this.#use(known), name };
    if (!known) this.#checkRoom(bytes.length);
    const { file, ...picture } = await storePicture(bytes, mime, this.#storage);
    const same = this.#living(id);
    try {
      if (same) {
        await file.remove();
        return { ...this.#use(same), name };
      }
      // Others were written meanwhile.
      this.#checkRoom(bytes.length);
    } catch (error) {
      await file.remove();
      throw error;
    }
    const kept = { id, name, bytes: bytes.length, ...picture, file, holders: 0, usedAt: this.#now() };
    this.#kept.set(id, kept);
    this.#dropLater();
    return kept;
  }

  /** Undefined for one that is not there any more. */
  get(id: string): (Upload & { readonly path: string }) | undefined {
    const kept = this.#living(id);
    return kept && { ...kept, path: kept.file.path };
  }

  /** Keeps the picture until `remove`. Throws `invalid_message` for one that is not there. */
  hold(id: string): StoredImage {
    const kept = this.#living(id);
    if (!kept) {
      const detail = `asset_id: there is no upload "${id.slice(0, 80)}"; upload the picture again.`;
      throw new FastVideoError('invalid_message', detail, {
        about: { detail },
      });
    }
    kept.holders += 1;
    kept.usedAt = this.#now();
    let held = true;
    const remove = async () => {
      if (!held) return;
      held = false;
      kept.holders -= 1;
      kept.usedAt = this.#now();
    };
    return { path: kept.file.path, remove };
  }

  /** `held`: a session uses it. */
  async remove(id: string): Promise<'removed' | 'held' | 'unknown'> {
    const kept = this.#living(id);
    if (!kept) return 'unknown';
    if (kept.holders > 0) return 'held';
    await this.#drop(kept);
    return 'removed';
  }

  #living(id: string): Kept | undefined {
    const kept = this.#kept.get(id);
    return kept && !this.#isExpired(kept) ? kept : undefined;
  }

  #use(kept: Kept): Kept {
    kept.usedAt = this.#now();
    return kept;
  }

  #isExpired({ holders, usedAt }: Kept): boolean {
    return holders === 0 && this.#now() - usedAt >= this.#limits.ttlMs;
  }

  #checkRoom(bytes: number): void {
    const { maxFiles, maxBytes } = this.#limits;
    const held = [...this.#kept.values()].reduce((sum, kept) => sum + kept.bytes, 0);
    if (this.#kept.size < maxFiles && held + bytes <= maxBytes) return;
    this.#storage.onLimit('uploads');
    throw new UploadsFull('No more pictures can be uploaded now. Remove some, or try again later.');
  }

  /** Nobody has to come by for a file to go. */
  #dropLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#dropExpired();
      if (this.#kept.size > 0) this.#dropLater();
    }, this.#limits.ttlMs).unref();
  }

  async #dropExpired(): Promise<void> {
    const expired = [...this.#kept.values()].filter((kept) => this.#isExpired(kept));
    await Promise.all(expired.map((kept) => this.#drop(kept)));
  }

  async #drop(kept: Kept): Promise<void> {
    this.#kept.delete(kept.id);
    try {
      await kept.file.remove();
    } catch (error) {
      this.#logger.warn({ error: errorMessage(error) }, 'uploaded picture could not be removed');
    }
  }
}
