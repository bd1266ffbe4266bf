import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** The files of a built web app. */
export interface PageFiles {
  /** The folder, without symbolic links. */
  readonly root: string;
  /** Of each path at which a file is served, without escapes, the file below the root. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Finds the files of a folder; those whose names begin with a dot are nobody's business. A symbolic link is taken where it
 * leads to a file inside; it may not lead out, and one to a folder is not followed. Throws the system's error.
 */
export async function findPageFiles(directory: string): Promise<PageFiles> {
  const root = await realpath(directory);
  const files = new Map<string, string>();
  for await (const file of walk(root, root)) {
    const path = `/${file.split(sep).join('/')}`;
    files.set(path, file);
    if (path.endsWith('/index.html')) files.set(path.slice(0, -'index.html'.length), file);
  }
  // As static exports of web frameworks expect it: `/about` is `about.html`, unless there is a file without the ending.
  for (const [path, file] of [...files]) {
    const short = path.replace(/\.html$/, '');
    if (!files.has(short)) files.set(short, file);
  }
  return { root, files };
}

/** The file for the path of a request, which may hold escapes. Never throws. */
export function fileAt({ files }: PageFiles, path: string): string | undefined {
  try {
    return files.get(decodeURIComponent(path));
  } catch {
    // No file has a name that cannot be written in a URL.
    return undefined;
  }
}

/** The file with all links resolved; undefined where it is gone or lies outside of the root by now. */
export async function resolveInside(root: string, file: string): Promise<string | undefined> {
  try {
    const real = await realpath(join(root, file));
    return real.startsWith(root.endsWith(sep) ? root : root + sep) ? real : undefined;
  } catch {
    // It was removed, or became a link to nowhere: there is no such file.
    return undefined;
  }
}

async function* walk(root: string, folder: string): AsyncGenerator<string, void, undefined> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const file = relative(root, path);
    if (entry.isDirectory()) yield* walk(root, path);
    else if (entry.isFile() || (entry.isSymbolicLink() && (await isFileInside(root, file)))) yield file;
  }
}

async function isFileInside(root: string, file: string): Promise<boolean> {
  const real = await resolveInside(root, file);
  return real !== undefined && (await stat(real)).isFile();
}
