import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { errorMessage, FastVideoError, systemErrorCode } from '../../../base/errors.ts';

/** What stands beside a model, as Hugging Face's tools write it. Only what is needed is looked at. */

const ConfigSchema = z.looseObject({
  id2label: z.record(z.string(), z.string()).optional(),
  problem_type: z.string().nullish(),
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
  /** From `labels.txt`, one a line, else from `id2label`; undefined when neither is there. */
  readonly labels: readonly string[] | undefined;
}

/**
 * Reads the files beside the model; for a model in a folder `onnx` those of the folder above it too, where exported
 * models have them. Throws `start_failed` for one that is not what it should be.
 */
export async function readCompanionFiles(
  modelPath: string,
  tokenizerPath: string | undefined,
): Promise<CompanionFiles> {
  const folder = dirname(modelPath);
  const folders = basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder];
  const given = tokenizerPath === undefined ? undefined : await tokenizerFile(tokenizerPath);
  const tokenizerFolders = given === undefined ? folders : [dirname(given)];
  const config = await readJson(folders, 'config.json', ConfigSchema);
  const tokenizer =
    given === undefined
      ? await readJson(folders, 'tokenizer.json', TokenizerSchema)
      : await readJson([dirname(given)], basename(given), TokenizerSchema, 'tokenizer.json');
  if (given !== undefined && !tokenizer) {
    throw new FastVideoError('start_failed', `The tokenizer ${given} cannot be read: there is no such file.`);
  }
  return {
    config,
    tokenizer,
    tokenizerConfig: await readJson(tokenizerFolders, 'tokenizer_config.json', TokenizerConfigSchema),
    labels: (await readLabels(folders)) ?? labelsOf(config?.id2label),
  };
}

async function tokenizerFile(path: string): Promise<string> {
  const isFolder = await stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
  return isFolder ? join(path, 'tokenizer.json') : path;
}

async function readLabels(folders: readonly string[]): Promise<string[] | undefined> {
  const found = await readFirst(folders, 'labels.txt');
  return found?.text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function labelsOf(id2label: Readonly<Record<string, string>> | undefined): string[] | undefined {
  if (!id2label) return undefined;
  return Object.entries(id2label)
    .sort(([one], [other]) => Number(one) - Number(other))
    .map(([, label]) => label);
}

async function readJson<Schema extends z.ZodType>(
  folders: readonly string[],
  name: string,
  schema: Schema,
  what = name,
): Promise<z.infer<Schema> | undefined> {
  const found = await readFirst(folders, name);
  if (!found) return undefined;
  try {
    return schema.parse(JSON.parse(found.text));
  } catch (error) {
    const why =
      error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : errorMessage(error);
    throw new FastVideoError('start_failed', `${found.path} is no ${what}: ${why}`, { cause: error });
  }
}

async function readFirst(
  folders: readonly string[],
  name: string,
): Promise<{ path: string; text: string } | undefined> {
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      return { path, text: await readFile(path, 'utf8') };
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') continue;
      const message = `${path} cannot be read: ${errorMessage(error)}.`;
      throw new FastVideoError('start_failed', message, { cause: error });
    }
  }
  return undefined;
}
