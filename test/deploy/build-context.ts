import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../support/server-process.ts';
import { read } from './deployed.ts';

const lines = read('.dockerignore')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

/** What of the checkout a build gets to see, as far as `.dockerignore` stays with the three forms that it has. */
export const context = {
  /** Lines of another form, which the reading below would get wrong. */
  unknownLines: lines.filter((line) => line !== '*' && !/^![\w.]/.test(line) && !line.startsWith('**/')),
  taken: lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1)),
  leftOut: lines.filter((line) => line.startsWith('**/')).map((line) => line.slice('**/'.length)),
};

/** Whether a file or folder exists and is part of the context, as a whole or below something that is. */
export function inContext(path: string): boolean {
  const plain = path.replace(/^\.\//, '').replace(/\/$/, '');
  if (!existsSync(join(repositoryRoot, plain))) return false;
  const leftOut = plain.split('/').some((part) => context.leftOut.some((name) => matches(part, name)));
  return !leftOut && context.taken.some((taken) => plain === taken || plain.startsWith(`${taken}/`));
}

function matches(part: string, name: string): boolean {
  return name.startsWith('*') ? part.endsWith(name.slice(1)) : part === name;
}

/** For `cp`: what of a folder is in the context. */
export function copied(source: string): boolean {
  const path = source.slice(repositoryRoot.length);
  return path === '' || inContext(path) || (statSync(source).isDirectory() && leadsTo(path));
}

function leadsTo(path: string): boolean {
  return context.taken.some((taken) => taken.startsWith(`${path}/`));
}
