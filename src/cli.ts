import { Argument, Command, CommanderError, Option } from 'commander';
import type {
  ArgumentDefinition,
  CommandContext,
  CommandDefinition,
  OptionDefinition,
} from './commands/command-definition.ts';
import { allExitCodes, type ExitCodes } from './commands/exit-codes.ts';
import { commands } from './commands/index.ts';
import { unknownWord, usageMessage, withoutValue } from './commands/usage-message.ts';
import { errorTable } from './core/base/error-table.ts';
import { FastVideoError, systemErrorCode } from './core/base/errors.ts';
import { StdoutFailure } from './core/base/stdout-failure.ts';
import { forTerminal } from './core/base/terminal-text.ts';
import { version } from './version.ts';

/** Runs the command line to the end of its output and gives the exit code. Never rejects. */
export async function main(
  argv: readonly string[],
  { exitNow }: Pick<CommandContext, 'exitNow'>,
): Promise<number> {
  const stdout = new StdoutFailure(process.stdout);
  const exitCode = await runCommandLine(argv, { exitNow, commands }, stdout);
  const failure = await stdout.flushed();
  // What failed first has been told; and help, or a table, is written without a look back.
  return exitCode === 0 && failure ? printError(failure, isVerbose(argv)) : exitCode;
}

/** Before commander has read the arguments, and when it could not. */
function isVerbose(argv: readonly string[]): boolean {
  return argv.includes('--verbose') || argv.includes('-v');
}

async function runCommandLine(
  argv: readonly string[],
  context: CommandContext,
  stdout: StdoutFailure,
): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : errorTable.usage.exitCode;
    return printError(stdout.inWords(error), isVerbose(argv));
  }
}

function buildProgram(context: CommandContext, onExitCode: (code: number) => void): Command {
  const program = new Command('fastvideo')
    .description(
      'Serve AI-generated video live: prompts in, fragmented MP4 out while the frames are being generated.',
    )
    .version(version, '-V, --version', 'print the version')
    .option('-v, --verbose', 'print stack traces of internal errors, and a more detailed log')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => undefined })
    .exitOverride((error) => {
      throw refusal(error, program, program);
    });
  for (const definition of commands)
    program.addCommand(buildCommand(definition, program, context, onExitCode));
  program.addCommand(buildHelpCommand(program));
  const examples = commands.flatMap((command) => command.examples.slice(0, 1));
  program.addHelpText('after', exitCodeText(program, allExitCodes));
  program.addHelpText('after', exampleText([...examples, 'fastvideo help serve']));
  return program;
}

function buildCommand(
  definition: CommandDefinition,
  program: Command,
  context: CommandContext,
  onExitCode: (code: number) => void,
): Command {
  const command = new Command(definition.name)
    .description(definition.description)
    .copyInheritedSettings(program)
    .helpOption('-h, --help', 'show help')
    .exitOverride((error) => {
      throw refusal(error, command, program);
    });
  if (definition.alias !== undefined) command.alias(definition.alias);
  for (const option of definition.options) command.addOption(commanderOption(option));
  if (definition.passThroughUnknown) {
    command.usage('[options] [--dotted.config.key value ...]').allowUnknownOption().allowExcessArguments();
  } else if (definition.takesPrompts) {
    command.argument('[prompts...]', 'prompts; without any, or with -, the lines of stdin');
  } else if (definition.argument) {
    command.addArgument(commanderArgument(definition.argument)).allowExcessArguments(false);
  } else {
    command.allowExcessArguments(false);
  }
  command.addHelpText('after', exitCodeText(command, definition.exitCodes));
  command.addHelpText('after', exampleText(definition.examples));
  command.action(async () => {
    if (definition.passThroughUnknown) refuseUnknownOptions(command, program);
    const handler = await definition.load();
    const args = definition.takesPrompts && command.args.join() === '-' ? [] : command.args;
    onExitCode(await handler.run(command.optsWithGlobals(), args, context));
  });
  return command;
}

function appended(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** `help foo` is refused as `foo` is. */
function buildHelpCommand(program: Command): Command {
  const help = new Command('help')
    .description('show help for a command')
    .argument('[command]')
    .copyInheritedSettings(program)
    .helpOption('-h, --help', 'show help')
    .allowExcessArguments(false)
    .exitOverride((error) => {
      throw refusal(error, help, program);
    });
  return help.action((name?: string) => {
    const command =
      name === undefined
        ? program
        : program.commands.find((one) => [one.name(), ...one.aliases()].includes(name));
    if (command) return command.outputHelp();
    throw new FastVideoError(
      'usage',
      unknownWord('command', name ?? '', commandNames(program), helpOf(program)),
    );
  });
}

/** What commander ends with: help and a version that were asked for, or what was typed wrongly. */
function refusal(error: CommanderError, command: Command, program: Command): Error {
  if (error.exitCode === 0 || error.code === 'commander.help') return error;
  const isCommand = error.code === 'commander.unknownCommand';
  const known = isCommand ? commandNames(program) : optionNames(command, program);
  return new FastVideoError('usage', usageMessage(error, known, helpOf(command)), { cause: error });
}

/** An option without a dot is no config key. */
function refuseUnknownOptions(command: Command, program: Command): void {
  const end = command.args.indexOf('--');
  const options = command.args.slice(0, end === -1 ? undefined : end);
  const unknown = options.find((argument) => /^--[^.=]+(=|$)/.test(argument));
  if (unknown === undefined) return;
  const names = optionNames(command, program);
  throw new FastVideoError('usage', unknownWord('option', withoutValue(unknown), names, helpOf(command)));
}

function commandNames(program: Command): string[] {
  return program.commands.map((command) => command.name());
}

function optionNames(command: Command, program: Command): string[] {
  const longs = [...command.options, ...program.options].flatMap(({ long }) => long ?? []);
  return [...new Set([...longs, '--help'])];
}

function helpOf(command: Command): string {
  return command.parent ? `fastvideo ${command.name()} --help` : 'fastvideo --help';
}

/** A default is shown as it is typed: commander would put it in quotation marks. */
function commanderOption({ flags, description, default: value, repeatable }: OptionDefinition): Option {
  const option = new Option(flags, description);
  if (value !== undefined) option.default(value, value);
  return repeatable ? option.argParser(appended) : option;
}

function commanderArgument({ name, description, choices, default: value }: ArgumentDefinition): Argument {
  const argument = new Argument(value === undefined ? `<${name}>` : `[${name}]`, description).choices(
    choices,
  );
  return value === undefined ? argument : argument.default(value, value);
}

/** In two columns, as wide as the other parts of the help. */
function exitCodeText(command: Command, codes: ExitCodes): () => string {
  return () => {
    const help = command.createHelp();
    help.prepareContext({ helpWidth: command.configureOutput().getOutHelpWidth?.() ?? 80 });
    const lines = codes.map(([code, meaning]) => help.formatItem(String(code), 4, meaning, help));
    return `\nExit codes:\n${lines.join('\n')}`;
  };
}

function exampleText(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`;
}

/** What the system refused is no bug of ours. */
const systemRemedies: Readonly<Record<string, string>> = {
  EMFILE: 'raise the limit on open files (ulimit -n)',
  ENFILE: 'the system has too many open files',
  ENOSPC: 'free some disk space, or write to another disk',
  EACCES: 'check the permissions of the file and its folder',
  EROFS: 'write elsewhere',
};

/** One clear line for what the user can mend; the stack of our own bugs only where it was asked for. */
function printError(error: unknown, verbose: boolean): number {
  // Whoever read our output has gone: there is nobody to tell, and nothing is wrong.
  if (systemErrorCode(error) === 'EPIPE') return 0;
  if (error instanceof FastVideoError && error.entry.whose !== 'bug') {
    tell(`fastvideo: ${error.message}\n`);
    if (verbose && error.cause instanceof Error) tell(`${error.cause.stack}\n`);
    return error.entry.exitCode;
  }
  const code = systemErrorCode(error);
  if (error instanceof Error && code !== undefined && 'errno' in error) {
    const remedy = systemRemedies[code];
    tell(`fastvideo: ${error.message}${remedy === undefined ? '' : `; ${remedy}`}.\n`);
    if (verbose) tell(`${error.stack}\n`);
    return errorTable.start_failed.exitCode;
  }
  const text = error instanceof Error ? error.message : String(error);
  tell(`fastvideo: this is a bug of ours: ${text}\n`);
  if (verbose) tell(`${error instanceof Error ? error.stack : ''}\n`);
  else tell('Run it again with --verbose to see where it happened.\n');
  return errorTable.internal_error.exitCode;
}

/** What a config, a path or a provider says in it must not steer the terminal. */
function tell(text: string): void {
  process.stderr.write(forTerminal(text));
}
