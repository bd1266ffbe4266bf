import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { FastVideoError } from '../../core/base/errors.ts';
import { readLines } from './read-lines.ts';

/** Throws `usage` for a stdin from which nothing can be read. */
export function refuseFolderOnStdin(): void {
  if (fstatSync(0).isDirectory()) {
    throw new FastVideoError('usage', 'stdin is a folder; redirect a file, or pipe to the command.');
  }
}

/**
 * The prompts of the arguments, or the lines of stdin where there are none, blank ones too. Throws `usage` at once for a
 * stdin that is a folder or a terminal, and at the end where there was no prompt but blank ones.
 */
export function promptLines(args: readonly string[]): AsyncIterableIterator<string> {
  if (args.length > 0) return withPrompt(listed(args));
  if (isatty(0)) throw noPrompt();
  refuseFolderOnStdin();
  return withPrompt(readLines(process.stdin));
}

export function noPrompt(): FastVideoError {
  return new FastVideoError('usage', 'There is no prompt; give one as an argument or as a line on stdin.');
}

/** Not a generator: leaving it early leaves the source at once, even while a read waits. */
function withPrompt(lines: AsyncIterableIterator<string>): AsyncIterableIterator<string> {
  let hasPrompt = false;
  return {
    async next() {
      const next = await lines.next();
      if (next.done === true && !hasPrompt) throw noPrompt();
      hasPrompt ||= next.done !== true && next.value.trim() !== '';
      return next;
    },
    return: async () => (await lines.return?.()) ?? { done: true, value: undefined },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* listed(prompts: readonly string[]): AsyncGenerator<string, undefined, undefined> {
  yield* prompts;
  return undefined;
}
