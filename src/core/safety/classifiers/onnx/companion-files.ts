import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { errorMessage, FastVideoError, systemErrorCode } from '../../../base/errors.ts';
import type { FileHashes } from '../file-hashes.ts';
import {
  configLabels,
  Id2LabelSchema,
  Label2IdSchema,
  listedLabels,
  refuseOtherOrder,
} from './model-labels.ts';

/** What stands beside a model, as Hugging Face's tools write it. Only what is needed is looked at. */

const ConfigSchema = z.looseObject({
  id2label: Id2LabelSchema.nullish(),
  label2id: Label2IdSchema.nullish(),
  problem_type: z.string().nullish(),
  function_to_apply: z.enum(['sigmoid', 'softmax', 'none']).nullish(),
  model_type: z.string().nullish(),
  max_position_embeddings: z.number().nullish(),
  pad_token_id: z.int().nullish(),
});
const TokenizerSchema = z.looseObject({
  model: z.looseObject({}),
  truncation: z.looseObject({ max_length: z.number() }).nullish(),
});
const TokenizerConfigSchema = z.looseObject({ model_max_length: z.number().nullish() });

export interface CompanionFiles {
  readonly config: z.infer<typeof ConfigSchema> | undefined;
  /** `tokenizer.json`; undefined when it is not there. */
  readonly tokenizer: z.infer<typeof TokenizerSchema> | undefined;
  readonly tokenizerConfig: z.infer<typeof TokenizerConfigSchema> | undefined;
  /** From `labels.txt`, one a line, else from `id2label` or `label2id`; undefined when none is there. */
  readonly labels: readonly string[] | undefined;
}

/**
 * Reads the files beside the model; for a model in a folder `onnx` those of the folder above it too, where exported
 * models have them. Throws `config_invalid` for one that is not what it should be, or has another hash than `hashes` says.
 */
export async function readCompanionFiles(
  modelPath: string,
  tokenizerPath: string | undefined,
  hashes: FileHashes,
): Promise<CompanionFiles> {
  const folder = dirname(modelPath);
  const folders = basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder];
  const given = tokenizerPath === undefined ? undefined : await tokenizerFile(tokenizerPath);
  const tokenizerFolders = given === undefined ? folders : [dirname(given)];
  const reader = new CompanionReader(hashes);
  const config = await reader.json(folders, 'config.json', ConfigSchema);
  const tokenizer =
    given === undefined
      ? await reader.json(folders, 'tokenizer.json', TokenizerSchema)
      : await reader.json([dirname(given)], basename(given), TokenizerSchema, 'tokenizer.json');
  if (given !== undefined && !tokenizer) {
    throw new FastVideoError(
      'config_invalid',
      `The tokenizer ${given} cannot be read: there is no such file.`,
    );
  }
  const configured = config?.parse(configLabels);
  const listed = await reader.first(folders, 'labels.txt');
  const labels = listed?.parse((text) => {
    const lines = listedLabels(text);
    if (configured) refuseOtherOrder(lines, configured);
    return lines;
  });
  return {
    config: config?.content,
    tokenizer: tokenizer?.content,
    tokenizerConfig: (await reader.json(tokenizerFolders, 'tokenizer_config.json', TokenizerConfigSchema))
      ?.content,
    labels: labels ?? configured,
  };
}

async function tokenizerFile(path: string): Promise<string> {
  const isFolder = await stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
  return isFolder ? join(path, 'tokenizer.json') : path;
}

/** A file that was found, and what is in it. */
class Companion<Content> {
  readonly #path: string;
  readonly #what: string;
  readonly content: Content;

  constructor(path: string, what: string, content: Content) {
    this.#path = path;
    this.#what = what;
    this.content = content;
  }

  /** What `read` makes of it. Throws `config_invalid` with the name of the file and what `read` throws. */
  parse<Result>(read: (content: Content) => Result): Result {
    try {
      return read(this.content);
    } catch (error) {
      throw unusable(this.#path, this.#what, errorMessage(error), error);
    }
  }

  with<Other>(content: Other): Companion<Other> {
    return new Companion(this.#path, this.#what, content);
  }
}

class CompanionReader {
  readonly #hashes: FileHashes;

  constructor(hashes: FileHashes) {
    this.#hashes = hashes;
  }

  /** Undefined when it is in none of the folders. */
  async json<Schema extends z.ZodType>(
    folders: readonly string[],
    name: string,
    schema: Schema,
    what = name,
  ): Promise<Companion<z.infer<Schema>> | undefined> {
    const found = await this.first(folders, name, what);
    return found?.with(
      found.parse((text) => {
        const result = schema.safeParse(JSON.parse(text));
        if (result.success) return result.data;
        throw new Error(
          result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '),
        );
      }),
    );
  }

  /** The text of the first that there is; a byte order mark is no part of it. */
  async first(folders: readonly string[], name: string, what = name): Promise<Companion<string> | undefined> {
    for (const folder of folders) {
      const path = join(folder, name);
      const bytes = await readIfThere(path);
      if (!bytes) continue;
      this.#hashes.verifyBytes(name, path, bytes);
      try {
        return new Companion(path, what, new TextDecoder('utf-8', { fatal: true }).decode(bytes));
      } catch (error) {
        throw unusable(path, what, 'it is not UTF-8 text', error);
      }
    }
    return undefined;
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    const message = `${path} cannot be read: ${errorMessage(error)}.`;
    throw new FastVideoError('config_invalid', message, { cause: error });
  }
}

function unusable(path: string, what: string, why: string, cause: unknown): FastVideoError {
  const message = `${path} is not a usable ${what}: ${why.replaceAll(/\s+/g, ' ')}.`;
  return new FastVideoError('config_invalid', message, { cause });
}
