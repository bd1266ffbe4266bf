import { FastVideoError } from '../errors.ts';
import type { KeyPath } from './mapping.ts';

/** One value from the command line. */
export interface Override {
  readonly path: KeyPath;
  /** The text as it was given. */
  readonly raw: string;
  /** The option that gave it, e.g. `--server.port`; named in messages and in `--print-config`. */
  readonly option: string;
}

const dottedOption = /^--([A-Za-z_][\w-]*(?:\.[\w-]+)+)(?:=([\s\S]*))?$/;

/**
 * Takes the dotted options (`--server.port 8010`, `--server.port=8010`) out of the arguments. Whether such a key
 * exists is looked at when the config is loaded. What follows `--` is left alone.
 *
 * @returns the overrides in their order, and the other arguments in theirs
 * @throws `usage` for options without a value
 */
export function parseOverrides(argv: readonly string[]): { overrides: Override[]; rest: string[] } {
  const overrides: Override[] = [];
  const rest: string[] = [];
  const missing: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    if (argument === '--') {
      rest.push(...argv.slice(index));
      break;
    }
    const [, name, inline] = dottedOption.exec(argument) ?? [];
    if (name === undefined) {
      rest.push(argument);
      continue;
    }
    const option = `--${name}`;
    const next = argv[index + 1];
    if (inline !== undefined) {
      overrides.push({ path: name.split('.'), raw: inline, option });
    } else if (next === undefined || next.startsWith('--')) {
      missing.push(`${option} needs a value, e.g. "${option} VALUE" or "${option}=VALUE"`);
    } else {
      overrides.push({ path: name.split('.'), raw: next, option });
      index += 1;
    }
  }
  if (missing.length > 0) throw new FastVideoError('usage', missing.join('\n'));
  return { overrides, rest };
}
