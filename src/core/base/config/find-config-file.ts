import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { extname, isAbsolute, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorMessage, FastVideoError, systemErrorCode } from '../errors.ts';
import { readText } from '../read-text.ts';
import { mostConfigBytes } from './file-layer.ts';

export type ConfigFile =
  /** YAML or JSON. */
  | { readonly name: string; readonly text: string }
  /** What a JavaScript file exports. */
  | { readonly name: string; readonly exported: unknown };

const moduleName = 'fastvideo';
const modules = ['.js', '.mjs', '.cjs'];

/** Code is run only where `--config` names it. */
const searchPlaces = [
  ...['yaml', 'yml', 'json'].map((extension) => `fastvideo.config.${extension}`),
  '.fastvideorc',
  ...['yaml', 'yml', 'json'].map((extension) => `.fastvideorc.${extension}`),
];
const userSearchPlaces = ['config', 'config.json', 'config.yaml', 'config.yml'];

/** cosmiconfig looks for settings of its own there and would run them. */
const ownCode = ['js', 'mjs', 'cjs', 'ts'].map((extension) => join('.config', `config.${extension}`));

const worldWritable = 0o002;

/** The file is only found here: our own reader knows its encoding and its lines. */
const asFound = () => ({});
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
    return { name, text: await readText(absolute, mostConfigBytes) };
  } catch (error) {
    throw unreadable(name, error);
  }
}

/**
 * Looks for a config file in `cwd`, and in no folder above it, which may be another user's; then in the user's config
 * folder.
 *
 * @param env - says where the user's config folder is
 * @throws `config_invalid` when one is found that cannot be read, or that others can write
 */
export async function findConfigFile(cwd: string, env: NodeJS.ProcessEnv): Promise<ConfigFile | undefined> {
  for (const file of ownCode) {
    if (existsSync(resolve(file))) throw notSearched(file);
  }
  const userFolder = userConfigFolder(env);
  try {
    const found =
      (await searchIn(cwd, searchPlaces, cwd)) ??
      (userFolder && (await searchIn(userFolder, userSearchPlaces, cwd)));
    if (!found) return undefined;
    const name = displayName(found.filepath, cwd);
    return { name, text: await readText(found.filepath, mostConfigBytes) };
  } catch (error) {
    if (error instanceof FastVideoError) throw error;
    const path = error instanceof Error && 'filepath' in error ? String(error.filepath) : undefined;
    throw unreadable(path === undefined ? 'config file' : displayName(path, cwd), error);
  }
}

async function searchIn(folder: string, places: readonly string[], cwd: string) {
  for (const place of places) {
    if (await refuseUnfit(join(folder, place), cwd)) break;
  }
  const loaders = Object.fromEntries(
    ['.yaml', '.yml', '.json', 'noExt'].map((kind) => [kind, asFound] as const),
  );
  const { cosmiconfig } = await loadCosmiconfig();
  const explorer = cosmiconfig(moduleName, {
    searchPlaces: [...places],
    searchStrategy: 'none',
    ignoreEmptySearchPlaces: false,
    loaders,
  });
  return await explorer.search(folder);
}

/** It asks for the home folder when it is loaded, and a user that the system does not know has none. */
async function loadCosmiconfig() {
  try {
    homedir();
  } catch {
    process.env['HOME'] = '/';
  }
  return await import('cosmiconfig');
}

/** Undefined for a user that the system does not know, as in a container with a number of its own. */
function userConfigFolder({ XDG_CONFIG_HOME: given, HOME: home }: NodeJS.ProcessEnv): string | undefined {
  if (given !== undefined && isAbsolute(given)) return join(given, moduleName);
  if (home !== undefined && home !== '') return join(home, '.config', moduleName);
  try {
    return join(homedir(), '.config', moduleName);
  } catch {
    return undefined;
  }
}

/**
 * A file that was only found, and that somebody else has written or can write, is nobody's wish; and a pipe or a device
 * may have no end. To be looked at before it is read. Gives whether there is a file.
 */
async function refuseUnfit(path: string, cwd: string): Promise<boolean> {
  const name = displayName(path, cwd);
  const found = await stat(path).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw unreadable(name, error);
  });
  if (!found || found.isDirectory()) return false;
  const us = process.getuid?.();
  const { uid, mode } = found;
  const why = !found.isFile()
    ? 'is not a regular file'
    : us === undefined
      ? undefined
      : uid !== us && uid !== 0
        ? `belongs to another user (${uid})`
        : (mode & worldWritable) !== 0
          ? 'can be written by everyone'
          : undefined;
  if (why === undefined) return true;
  throw new FastVideoError('config_invalid', `${name}: ${why}; to use it, name it with --config ${name}.`);
}

function notSearched(file: string): FastVideoError {
  const why = 'would be run by the search for a config file';
  return new FastVideoError('config_invalid', `${file}: ${why}; name yours with --config FILE.`);
}

function displayName(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near === '' || near.startsWith('..') || isAbsolute(near) ? path : near;
}

function unreadable(name: string, error: unknown): FastVideoError {
  const code = systemErrorCode(error);
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    ERR_MODULE_NOT_FOUND: 'there is no such file, or it imports a file that does not exist',
    EISDIR: 'is a folder; name a YAML or JSON file',
    EACCES: 'cannot be read: this user has no permission',
  };
  const [firstLine] = errorMessage(error).split('\n');
  const reason = (code && reasons[code]) ?? `cannot be loaded: ${firstLine}`;
  return new FastVideoError('config_invalid', `${name}: ${reason}`, { cause: error });
}
