import type { ExitCodes } from './exit-codes.ts';

export interface OptionDefinition {
  /** As commander takes them, e.g. `-o, --output <file>`. */
  readonly flags: string;
  readonly description: string;
  readonly default?: string;
  /** Every value that it takes, or those that a shell should offer. */
  readonly choices?: readonly string[];
  /** Whether it may come again for a further value: its values are a list. */
  readonly repeatable?: boolean;
}

/** The one argument of a command. */
export interface ArgumentDefinition {
  readonly name: string;
  readonly description: string;
  readonly choices: readonly string[];
  /** Unset: the argument is required. */
  readonly default?: string;
}

export interface CommandContext {
  /** Ends the process at once: for a second Ctrl-C. */
  readonly exitNow: (code: number) => never;
  /** All commands, for one that describes them. */
  readonly commands: readonly CommandDefinition[];
}

export interface CommandHandler {
  /** Gives the exit code. Throws a `FastVideoError` for what went wrong. */
  run(
    options: Readonly<Record<string, unknown>>,
    args: readonly string[],
    context: CommandContext,
  ): Promise<number>;
}

/** A command as data: what `--help` shows, and how its code is loaded when it is called. */
export interface CommandDefinition {
  readonly name: string;
  /** Another name, which works as the first does. */
  readonly alias?: string;
  readonly description: string;
  readonly options: readonly OptionDefinition[];
  readonly exitCodes: ExitCodes;
  /** Whole command lines. */
  readonly examples: readonly string[];
  /** Whether options that are not listed are passed to the handler as `args` (dotted config keys). */
  readonly passThroughUnknown?: boolean;
  /** Whether the arguments are prompts; lines of stdin where there are none. */
  readonly takesPrompts?: boolean;
  readonly argument?: ArgumentDefinition;
  load(): Promise<CommandHandler>;
}
