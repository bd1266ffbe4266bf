import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FastVideoError } from '../../base/errors.ts';

/** A file that goes with a model, by its name beside it, and the SHA-256 it must have. */
export interface FileHash {
  readonly file: string;
  readonly sha256: string;
}

/** The SHA-256 of a file, in lower case. Throws what the file system says. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** The hashes that were given for the files beside a model: of its weights, its tokenizer, its labels. */
export class FileHashes {
  readonly #model: string;
  readonly #wanted: ReadonlyMap<string, string>;
  readonly #seen = new Set<string>();

  /** `model` is the path of the model. */
  constructor(model: string, hashes: readonly FileHash[] = []) {
    this.#model = model;
    this.#wanted = new Map(hashes.map(({ file, sha256 }) => [posix.normalize(file), sha256.toLowerCase()]));
  }

  has(file: string): boolean {
    return this.#wanted.has(posix.normalize(file));
  }

  /** For a file that is too large for memory. Throws `config_invalid` when it has another hash. */
  async verifyFile(file: string, path: string): Promise<void> {
    this.#seen.add(posix.normalize(file));
    if (this.has(file)) this.#compare(file, path, await sha256Of(path));
  }

  /** For a file that has been read. Throws `config_invalid` when it has another hash. */
  verifyBytes(file: string, path: string, bytes: Uint8Array): void {
    this.#seen.add(posix.normalize(file));
    if (this.has(file)) this.#compare(file, path, createHash('sha256').update(bytes).digest('hex'));
  }

  /** A hash that nothing was held against protects nothing. Throws `config_invalid`. */
  refuseUnused(): void {
    const unused = [...this.#wanted.keys()].find((file) => !this.#seen.has(file));
    if (unused === undefined) return;
    const seen = this.#seen.size === 0 ? 'no other file' : [...this.#seen].join(', ');
    throw new FastVideoError(
      'config_invalid',
      `A SHA-256 is given for "${unused}", which the safety classifier ${this.#model} does not read; it reads ${seen}.`,
    );
  }

  #compare(file: string, path: string, found: string): void {
    const wanted = this.#wanted.get(posix.normalize(file));
    if (found === wanted) return;
    throw new FastVideoError(
      'config_invalid',
      `${path} does not have the expected SHA-256: it is ${found}, not ${wanted}.`,
    );
  }
}
