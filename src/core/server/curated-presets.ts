import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { errorMessage, FastVideoError, systemErrorCode } from '../base/errors.ts';
import { makeFolders } from '../base/make-folders.ts';
import { readText } from '../base/read-text.ts';
import { replaceFile } from '../base/replace-file.ts';
import { systemReason } from '../base/system-reason.ts';

const PresetSchema = z.looseObject({
  id: z.string().min(1),
  label: z.string(),
  description: z.string().optional(),
  segment_prompts: z.array(z.string()),
});
export type CuratedPreset = z.infer<typeof PresetSchema>;

const mostPresets = 1000;

export interface PresetsOptions {
  /** Where new presets go; need not exist. */
  readonly filePath: string;
  /** Presets that are there without it; those of `filePath` with the same id stand in their place. */
  readonly fallbackFilePath: string;
  /** Bytes of one file at most: each `GET` answers with all of it. */
  readonly maxBytes: number;
  /** Called when a preset was refused because of that. */
  readonly onLimit: () => void;
}

/** The presets that a web app offers: a file of the operator's over one that is shipped. */
export class CuratedPresets {
  readonly options: PresetsOptions;
  readonly #known = new Map<string, { readonly state: string; readonly presets: readonly CuratedPreset[] }>();
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: PresetsOptions) {
    this.options = options;
  }

  /**
   * Throws `config_invalid` where they cannot be read when the server starts; later, a file may be mended while it runs.
   *
   * @param needed - a file that may not be missing
   */
  async check(needed?: string): Promise<void> {
    try {
      await this.list();
    } catch (error) {
      throw new FastVideoError('config_invalid', errorMessage(error), { cause: error });
    }
    if (needed === undefined || (await stateOf(needed)) !== '') return;
    throw new FastVideoError(
      'config_invalid',
      `The presets ${needed} cannot be read: there is no such file.`,
    );
  }

  /** Throws `store_failed` for a file that is no list of presets. */
  async list(): Promise<CuratedPreset[]> {
    const [shipped, own] = await Promise.all([
      this.#read(this.options.fallbackFilePath),
      this.#read(this.options.filePath),
    ]);
    return merged(shipped, own);
  }

  /**
   * Adds a preset to the file, in one step. Throws `invalid_message` when the id is taken or there are too many, and
   * `store_failed` when the file cannot be written.
   */
  async append(preset: CuratedPreset): Promise<CuratedPreset[]> {
    const appended = this.#writing.then(() => this.#append(preset));
    // The next one waits for this one, however it ends; whoever asked hears of it.
    this.#writing = appended.then(
      () => undefined,
      () => undefined,
    );
    return await appended;
  }

  /** A file is read again when it has changed. */
  async #read(path: string): Promise<readonly CuratedPreset[]> {
    const state = await stateOf(path);
    const known = this.#known.get(path);
    if (known && known.state === state) return known.presets;
    const presets = await readPresets(path, this.options.maxBytes);
    this.#known.set(path, { state, presets });
    return presets;
  }

  async #append(preset: CuratedPreset): Promise<CuratedPreset[]> {
    const { filePath, maxBytes, onLimit } = this.options;
    const present = await this.list();
    if (present.some(({ id }) => id.toLowerCase() === preset.id.toLowerCase())) {
      throw new FastVideoError('invalid_message', `A preset with the id "${preset.id}" exists already.`);
    }
    if (present.length >= mostPresets) {
      throw new FastVideoError('invalid_message', `The limit of ${mostPresets} presets is reached.`);
    }
    const own = `${JSON.stringify([...(await this.#read(filePath)), preset], null, 2)}\n`;
    if (Buffer.byteLength(own) > maxBytes) {
      onLimit();
      throw new FastVideoError('invalid_message', `The presets would be larger than ${maxBytes} bytes.`);
    }
    try {
      await makeFolders(dirname(filePath));
      await replaceFile(filePath, own);
    } catch (error) {
      throw new FastVideoError('store_failed', `${filePath} cannot be written: ${systemReason(error)}.`, {
        cause: error,
      });
    }
    return [...present, preset];
  }
}

/** Lower case letters and digits, parted by `_`. */
export function normalizedPresetId(id: string): string {
  return id
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '');
}

function merged(shipped: readonly CuratedPreset[], own: readonly CuratedPreset[]): CuratedPreset[] {
  const byId = new Map(shipped.map((preset) => [preset.id.toLowerCase(), preset]));
  for (const preset of own) byId.set(preset.id.toLowerCase(), preset);
  return [...byId.values()];
}

/** Changes with the file; empty where there is none. */
async function stateOf(path: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(path);
    return `${ino} ${mtimeMs} ${size}`;
  } catch (error) {
    if (isAbsent(error)) return '';
    throw new FastVideoError('store_failed', `${path} cannot be read: ${systemReason(error)}.`, {
      cause: error,
    });
  }
}

async function readPresets(path: string, maxBytes: number): Promise<CuratedPreset[]> {
  try {
    const found = await stat(path);
    const { size } = found;
    if (!found.isFile() && !found.isDirectory()) throw new Error('it is not a file');
    if (size > maxBytes) throw new Error(`it has ${size} bytes, the limit is ${maxBytes}`);
    return z.array(PresetSchema).parse(JSON.parse(await readText(path, maxBytes)));
  } catch (error) {
    if (isAbsent(error)) return [];
    const why = error instanceof z.ZodError ? z.prettifyError(error).split('\n')[0] : systemReason(error);
    throw new FastVideoError('store_failed', `${path} is not a list of presets: ${why}.`, { cause: error });
  }
}

/** Also where a folder of the path is a file. */
function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '');
}
