import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this package: the first with a `package.json`, above a built module as above its source. */
const root = rootAbove(dirname(fileURLToPath(import.meta.url)));

/** Where a file or folder of this package is, named from the folder of its `package.json`. */
export function packagePath(...parts: readonly string[]): string {
  return join(root, ...parts);
}

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error('The package.json of fastvideo is not above its modules.');
  return rootAbove(above);
}
