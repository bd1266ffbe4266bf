import { FastVideoError } from '../errors.ts';
import { withoutSteering } from '../terminal-text.ts';

/** One thing that is wrong with the config. */
export interface Problem {
  /** What the line starts with: `serve.yaml:12:5 streaming.warmup`, `--server.port`. */
  readonly subject: string;
  /** What is wrong and what would be right. */
  readonly text: string;
  /** Place in the file, for the order of the lines; unset for what is not from a file. */
  readonly line?: number;
  readonly column?: number;
}

/** Keys and faulty YAML come from the file, and may be anything. */
const mostSubjectChars = 300;
const mostTextChars = 700;

/** Lines of one message at most: a config that a client sends may have a problem in each of its thousands of keys. */
export const mostProblems = 100;

/** Throws `config_invalid` with the problems, one a line, if there is any. */
export function throwProblems(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const lines = [...problems]
    .sort((a, b) => rank(a.line) - rank(b.line) || rank(a.column) - rank(b.column))
    .map(({ subject, text }) => `${inOneLine(subject, mostSubjectChars)}: ${inOneLine(text, mostTextChars)}`);
  const unique = [...new Set(lines)];
  const count = unique.length === 1 ? '1 problem' : `${unique.length} problems`;
  const which = unique.length > mostProblems ? `, the first ${mostProblems} are` : '';
  const told = unique.slice(0, mostProblems).join('\n');
  throw new FastVideoError('config_invalid', `${count} in the configuration${which}:\n${told}`);
}

function inOneLine(text: string, most: number): string {
  const line = withoutSteering(text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' '));
  return line.length > most ? `${line.slice(0, most - 3)}...` : line;
}

function rank(position: number | undefined): number {
  return position ?? Number.MAX_SAFE_INTEGER;
}
