import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, FastVideoError, systemErrorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { makeFolders } from '../../base/make-folders.ts';
import { systemReason } from '../../base/system-reason.ts';
import { builtInTexts, type SystemPromptTexts } from './built-in-texts.ts';
import { readPromptFile, replacePromptFile } from './prompt-file.ts';

/** The texts that a model is told first; an operator may change them while the server runs. */
export interface SystemPrompts {
  /** As the files say now: a file that has changed is read again. */
  current(): Promise<SystemPromptTexts>;
  /** Reads all files again. Throws `config_invalid` for one that cannot be read. */
  reload(): Promise<SystemPromptTexts>;
  /**
   * Replaces the files of the texts that are given, each in one step; what a file held before is kept as `NAME.bak`. An
   * empty text brings the built-in one back. Without a directory the texts are kept in memory. Throws the system's error.
   */
  save(texts: Partial<SystemPromptTexts>): Promise<SystemPromptTexts>;
  /** Where `save` puts a text: into files, or into the memory of this process only. */
  readonly keptIn: 'files' | 'memory';
  /** The file name that each text was read from last; null for a built-in one and one in memory. */
  readonly sources: Readonly<Record<keyof SystemPromptTexts, string | null>>;
}

/** The first that is there counts; the second names are those of FastVideo's product. */
const fileNames = {
  enhance: ['enhance.txt', 'next_segment_system_prompt.md'],
  autoExtend: ['auto_extend.txt', 'auto_extension_system_prompt.md'],
  rewrite: ['rewrite.txt', 'rewrite_window_system_prompt.md'],
  rewriteUser: ['rewrite_user.txt', 'rewrite_user_system_prompt.md'],
} as const satisfies Record<keyof SystemPromptTexts, readonly [string, string]>;

const keys = ['enhance', 'autoExtend', 'rewrite', 'rewriteUser'] as const;

/**
 * `enhance.txt`, `auto_extend.txt`, `rewrite.txt` and `rewrite_user.txt` of the directory, or the names that FastVideo's
 * product has for them; without a directory, and for a file that is missing or blank, the built-in texts. An operator who
 * has a text for rewrites alone means it for both kinds. Throws `config_invalid` for a file that is there but cannot be
 * read, and for a directory that is none.
 *
 * Changes are found by a look at the files' times and sizes at each use: file watchers miss what happens on network
 * drives and behind the symbolic links of Kubernetes.
 */
export async function loadSystemPrompts(
  directory?: string,
  options: { readonly logger?: Logger | undefined } = {},
): Promise<SystemPrompts> {
  if (directory !== undefined) await checkFolder(directory, options.logger);
  const prompts = new SystemPromptFiles(directory, options.logger);
  await prompts.reload();
  return prompts;
}

/** It may be missing, also below a file: it is made when a text is saved, or that fails. */
async function checkFolder(directory: string, logger: Logger | undefined): Promise<void> {
  let why = 'it is a file';
  let cause: unknown;
  try {
    if ((await stat(directory)).isDirectory()) return;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) {
      logger?.warn({ path: directory }, 'there are no system prompts: the built-in texts are used');
      return;
    }
    why = systemReason(error);
    cause = error;
  }
  const message = `The system prompts (streaming.prompt.system_prompt_dir) cannot be read from ${directory}: ${why}; name a folder.`;
  throw new FastVideoError('config_invalid', message, { cause });
}

const noSources = { enhance: null, autoExtend: null, rewrite: null, rewriteUser: null };

class SystemPromptFiles implements SystemPrompts {
  readonly #directory: string | undefined;
  readonly #logger: Logger | undefined;
  #texts = builtInTexts;
  #sources: SystemPrompts['sources'] = noSources;
  /** Of the files as they were read last. */
  #stamp = '';
  /** Of the files as they were when they could not be read, so that it is said once. */
  #badStamp = '';
  #saving: Promise<unknown> = Promise.resolve();

  constructor(directory: string | undefined, logger: Logger | undefined) {
    this.#directory = directory;
    this.#logger = logger;
  }

  get keptIn(): 'files' | 'memory' {
    return this.#directory === undefined ? 'memory' : 'files';
  }

  get sources(): SystemPrompts['sources'] {
    return this.#sources;
  }

  async current(): Promise<SystemPromptTexts> {
    const stamp = await this.#stampNow();
    if (stamp === this.#stamp || stamp === this.#badStamp) return this.#texts;
    try {
      return await this.reload();
    } catch (error) {
      // A server that runs goes on with what it has.
      this.#badStamp = stamp;
      this.#logger?.warn({ error: errorMessage(error) }, 'system prompts not reloaded');
      return this.#texts;
    }
  }

  async reload(): Promise<SystemPromptTexts> {
    const directory = this.#directory;
    if (directory === undefined) return this.#texts;
    // Before the files: a change in between is found at the next use.
    const stamp = await this.#stampNow();
    const [enhance, autoExtend, rewrite, rewriteUser] = await Promise.all(
      keys.map((key) => readFirst(directory, fileNames[key])),
    );
    this.#texts = {
      enhance: enhance?.text ?? builtInTexts.enhance,
      autoExtend: autoExtend?.text ?? builtInTexts.autoExtend,
      rewrite: rewrite?.text ?? builtInTexts.rewrite,
      rewriteUser: rewriteUser?.text ?? rewrite?.text ?? builtInTexts.rewriteUser,
    };
    this.#sources = {
      enhance: enhance?.name ?? null,
      autoExtend: autoExtend?.name ?? null,
      rewrite: rewrite?.name ?? null,
      rewriteUser: rewriteUser?.name ?? rewrite?.name ?? null,
    };
    this.#stamp = stamp;
    return this.#texts;
  }

  save(texts: Partial<SystemPromptTexts>): Promise<SystemPromptTexts> {
    // One after the other: two at once would make a backup of half of the other's files. A failure
    // is for the one who asked, and does not keep the next from its turn.
    const saved = this.#saving.then(() => this.#save(texts));
    this.#saving = saved.catch(() => undefined);
    return saved;
  }

  async #save(texts: Partial<SystemPromptTexts>): Promise<SystemPromptTexts> {
    const directory = this.#directory;
    if (directory === undefined) {
      const changed = keys.flatMap((key) =>
        texts[key] === undefined ? [] : [[key, texts[key] || builtInTexts[key]] as const],
      );
      this.#texts = { ...this.#texts, ...Object.fromEntries(changed) };
      return this.#texts;
    }
    await makeFolders(directory);
    for (const key of keys) {
      const text = texts[key];
      if (text === undefined) continue;
      const [usual] = fileNames[key];
      const found = await readFirst(directory, fileNames[key]);
      await replacePromptFile(join(directory, found?.name ?? usual), text);
    }
    return this.reload();
  }

  async #stampNow(): Promise<string> {
    const directory = this.#directory;
    if (directory === undefined) return '';
    const names = keys.flatMap((key) => fileNames[key]);
    const stamps = await Promise.all(names.map((name) => fileStamp(join(directory, name))));
    return stamps.join(' ');
  }
}

/** The first of the files that is there and not blank. Throws `config_invalid`. */
async function readFirst(
  directory: string,
  names: readonly string[],
): Promise<{ readonly name: string; readonly text: string } | undefined> {
  for (const name of names) {
    const text = await readPromptFile(join(directory, name));
    if (text !== undefined) return { name, text };
  }
  return undefined;
}

/** Changes whenever the file does; a file that cannot be looked at has one too. */
async function fileStamp(path: string): Promise<string> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    return `${mtimeNs}-${size}-${ino}`;
  } catch (error) {
    return errorMessage(error);
  }
}
