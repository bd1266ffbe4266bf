import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath, isExecutable, isFolder } from '../../base/executable.ts';

/** What the shell takes as it stands, in quotation marks or without. */
const plainWord = /^(?:"([^"$`\\]*)"|'([^']*)'|([^\s"'$`\\*?[\]{}()<>|&;#]+))(?=\s|$)/;

/**
 * Why the shell could not run the program that a command line begins with, in words; undefined where it can, and where
 * only the shell knows which program that is (variables, patterns).
 */
export function programProblem(line: string, env: NodeJS.ProcessEnv): string | undefined {
  const [, double, single, bare] = plainWord.exec(line.trim()) ?? [];
  const word = double ?? single ?? (bare === undefined ? undefined : inHome(bare, env));
  if (word === undefined || word === '') return undefined;
  if (!word.includes('/')) {
    return findOnPath(word, env['PATH']) === undefined
      ? `there is no program "${word}" in the folders of PATH`
      : undefined;
  }
  if (!existsSync(word)) return `there is no file "${word}"`;
  if (isFolder(word)) return `"${word}" is a folder`;
  if (!isExecutable(word))
    return `"${word}" is not executable (chmod +x it, or name its interpreter in front of it)`;
  return undefined;
}

/** Undefined for the home of another user, which only the shell knows. */
function inHome(word: string, { HOME }: NodeJS.ProcessEnv): string | undefined {
  if (!word.startsWith('~')) return word;
  return word.startsWith('~/') && HOME !== undefined ? join(HOME, word.slice(2)) : undefined;
}
