import { z } from 'zod';
import { RouterConfigSchema } from '../../core/base/config/router-schema/router-config.ts';
import { type Schema, schemaKeys, unwrap } from '../../core/base/config/schema-tree.ts';
import { ServeConfigSchema } from '../../core/base/config/serve-schema/serve-config.ts';
import type { CommandDefinition, OptionDefinition } from '../command-definition.ts';

/** An option, or a config key as one. */
export interface CompletedOption {
  /** With their dashes: `-c`, `--config`. */
  readonly names: readonly string[];
  /** One line. */
  readonly description: string;
  readonly value: 'none' | 'file' | 'text' | readonly string[];
}

export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  /** What the argument may be; empty where it is free. */
  readonly words: readonly string[];
  readonly options: readonly CompletedOption[];
  /** One option for each config key: `--server.port`. */
  readonly keys: readonly CompletedOption[];
}

const help: CompletedOption = { names: ['-h', '--help'], description: 'show help', value: 'none' };
const verbose: CompletedOption = { names: ['-v', '--verbose'], description: 'print more', value: 'none' };

export const globalOptions: readonly CompletedOption[] = [
  help,
  verbose,
  { names: ['-V', '--version'], description: 'print the version', value: 'none' },
];

/** What a shell completes: every command of the table, and `help`. */
export function completionTable(commands: readonly CommandDefinition[]): CompletedCommand[] {
  const all = commands.map((command) => ({
    name: command.name,
    description: command.description,
    words: command.argument?.choices ?? [],
    options: [...command.options.map(completedOption), help, verbose],
    keys: command.passThroughUnknown ? configKeys(schemaOf(command.name)) : [],
  }));
  const names = commands.map(({ name }) => name);
  return [
    ...all,
    { name: 'help', description: 'show help for a command', words: names, options: [], keys: [] },
  ];
}

function schemaOf(command: string): Schema {
  return command === 'router' ? RouterConfigSchema : ServeConfigSchema;
}

function completedOption({ flags, description, choices }: OptionDefinition): CompletedOption {
  const names = flags.match(/(?<=^|, )--?[\w-]+/g) ?? [];
  const [, placeholder] = /<(.+)>/.exec(flags) ?? [];
  const isPath = placeholder !== undefined && /file|path|dir/.test(placeholder);
  const free = isPath ? 'file' : 'text';
  return { names, description, value: placeholder === undefined ? 'none' : (choices ?? free) };
}

function configKeys(schema: Schema): CompletedOption[] {
  return [...schemaKeys(schema)]
    .filter(({ section }) => !section)
    .map((key) => ({
      names: [`--${key.path.join('.')}`],
      description: firstSentence(key.description ?? ''),
      value: valuesOf(key.schema),
    }));
}

function valuesOf(schema: Schema): 'text' | readonly string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodBoolean) return ['true', 'false'];
  return inner instanceof z.ZodEnum ? inner.options.map(String) : 'text';
}

function firstSentence(text: string): string {
  return (/^.*?[.;:](?= |$)/s.exec(text)?.[0] ?? text).replace(/[.;:]$/, '');
}
