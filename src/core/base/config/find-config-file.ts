import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { extname, isAbsolute, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cosmiconfig } from 'cosmiconfig';
import { errorMessage, FastVideoError, systemErrorCode } from '../errors.ts';

export type ConfigFile =
  /** YAML or JSON. */
  | { readonly name: string; readonly text: string }
  /** What a JavaScript file exports. */
  | { readonly name: string; readonly exported: unknown };

const moduleName = 'fastvideo';
const modules = ['.js', '.mjs', '.cjs'];

const searchPlaces = [
  ...['yaml', 'yml', 'json', 'js', 'mjs', 'cjs'].map((extension) => `fastvideo.config.${extension}`),
  '.fastvideorc',
  ...['yaml', 'yml', 'json'].map((extension) => `.fastvideorc.${extension}`),
];

/** Text is handed on as it is, because our own reader knows the lines. */
const asText = (_path: string, content: string) => ({ content });
// Not cosmiconfig's own loader: when the import fails it tries require, whose error then hides the first one.
const asModule = async (path: string) => {
  const loaded: { default?: unknown } = await import(/* @vite-ignore */ pathToFileURL(path).href);
  return { exported: loaded.default };
};

/**
 * Reads the file that `--config` names: a module by its extension, else YAML or JSON.
 *
 * @throws `config_invalid` when it cannot be read
 */
export async function readConfigFile(path: string, cwd: string): Promise<ConfigFile> {
  const absolute = resolve(cwd, path);
  const name = displayName(absolute, cwd);
  try {
    if (modules.includes(extname(absolute))) return { name, ...(await asModule(absolute)) };
    return { name, text: await readFile(absolute, 'utf8') };
  } catch (error) {
    throw unreadable(name, error);
  }
}

/**
 * Looks for a config file in `cwd` and the folders above it up to the home folder, then in the user's config folder.
 *
 * @throws `config_invalid` when one is found that cannot be read
 */
export async function findConfigFile(cwd: string, home: string = homedir()): Promise<ConfigFile | undefined> {
  const texts = ['.yaml', '.yml', '.json', 'noExt'].map((extension) => [extension, asText] as const);
  const code = modules.map((extension) => [extension, asModule] as const);
  const explorer = cosmiconfig(moduleName, {
    searchPlaces,
    stopDir: home,
    ignoreEmptySearchPlaces: false,
    loaders: Object.fromEntries<typeof asText | typeof asModule>([...texts, ...code]),
  });
  try {
    const found = await explorer.search(cwd);
    if (!found) return undefined;
    const name = displayName(found.filepath, cwd);
    // An empty file reaches no loader.
    const loaded: Partial<{ content: string; exported: unknown }> = found.config ?? { content: '' };
    return loaded.content === undefined
      ? { name, exported: loaded.exported }
      : { name, text: loaded.content };
  } catch (error) {
    const path = error instanceof Error && 'filepath' in error ? String(error.filepath) : undefined;
    throw unreadable(path === undefined ? 'config file' : displayName(path, cwd), error);
  }
}

function displayName(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near === '' || near.startsWith('..') || isAbsolute(near) ? path : near;
}

function unreadable(name: string, error: unknown): FastVideoError {
  const code = systemErrorCode(error);
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    ERR_MODULE_NOT_FOUND: 'there is no such file, or it imports one that is not there',
    EISDIR: 'is a folder; name a YAML or JSON file',
    EACCES: 'may not be read',
  };
  const [firstLine] = errorMessage(error).split('\n');
  const reason = (code && reasons[code]) ?? `cannot be loaded: ${firstLine}`;
  return new FastVideoError('config_invalid', `${name}: ${reason}`, { cause: error });
}
