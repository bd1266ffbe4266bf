import type { CommanderError } from 'commander';
import { isProbablyMeant, nearestKey } from '../core/base/config/nearest-key.ts';

/** What was typed wrongly, in one line that names the nearest word that would be right. */
export function unknownWord(
  kind: 'command' | 'option',
  word: string,
  known: readonly string[],
  help: string,
): string {
  const meant = meantWord(word, known);
  const remedy = meant === undefined ? `see "${help}".` : `did you mean ${meant}?`;
  return `Unknown ${kind} ${word}; ${remedy}`;
}

/** The same for what commander refused: its own text has a prefix of its own, and suggestions on a second line. */
export function usageMessage(error: CommanderError, known: readonly string[], help: string): string {
  const [, kind, word = ''] = /unknown (option|command) '(.*)'/.exec(error.message) ?? [];
  if (kind === 'option' || kind === 'command') return unknownWord(kind, withoutValue(word), known, help);
  const choice = /argument value '(.*)' is invalid for argument '(.*)'\. Allowed choices are (.*)\.$/s.exec(
    error.message,
  );
  if (choice)
    return `"${choice[1]}" is not a valid ${choice[2]}; use ${listed(choice[3]?.split(', ') ?? [])}.`;
  const [, option] = /option '(.*)' argument missing/.exec(error.message) ?? [];
  if (option !== undefined) return `The option ${option} needs its value; see "${help}".`;
  const [text = ''] = error.message.replace(/^error: /, '').split('\n');
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}; see "${help}".`;
}

/** `--option` of `--option=value`. */
export function withoutValue(option: string): string {
  return option.replace(/^(--[^=]+)=.*$/s, '$1');
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function meantWord(word: string, known: readonly string[]): string | undefined {
  const begun = known.filter((candidate) => word.length >= 4 && candidate.startsWith(word));
  if (begun.length === 1) return begun[0];
  const nearest = nearestKey(word, known);
  return nearest && isProbablyMeant(word.replace(/^-+/, ''), nearest) ? nearest.key : undefined;
}
