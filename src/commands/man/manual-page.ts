import { version } from '../../version.ts';
import type { CommandDefinition, OptionDefinition } from '../command-definition.ts';
import { allExitCodes } from '../exit-codes.ts';

const variables = [
  ['FASTVIDEO_API_KEY', 'API key that stream and dashboard send.'],
  ['FASTVIDEO_ADMIN_TOKEN', 'Token with which the dashboard can drain a server.'],
  ['FASTVIDEO_SAFETY_CLASSIFIER', 'Classifier of safety-check.'],
  ['FASTVIDEO_FFMPEG_BIN', 'The ffmpeg to run.'],
  ['FASTVIDEO_PYTHON', "Python for FastVideo's models."],
  ['CEREBRAS_API_KEY, GROQ_API_KEY, OPENAI_API_KEY', 'Keys of the prompt providers.'],
] as const;

/** The manual page `fastvideo(1)` in the macros of man(7). */
export function manualPage(commands: readonly CommandDefinition[]): string {
  const lines = [
    `.TH FASTVIDEO 1 "" "fastvideo ${escaped(version)}" "fastvideo"`,
    '.SH NAME',
    'fastvideo \\- serve AI-generated video live',
    '.SH SYNOPSIS',
    '.B fastvideo',
    '.I command',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    'Serves AI-generated video live: prompts come in over a WebSocket, fragmented MP4 goes out while the frames are still',
    'being generated. Every config key is an option of serve, mock and router by its dotted name, such as',
    `.BR ${escaped('--server.port')} ;`,
    'docs/configuration.md and docs/router.md of the package list them, and',
    '.B fastvideo init',
    'writes a file with all of them.',
    '.SH OPTIONS',
    ...definition('-V, --version', 'Print the version.'),
    ...definition('-v, --verbose', 'Print stack traces of internal errors, and a more detailed log.'),
    ...definition('-h, --help', 'Show help.'),
    '.SH COMMANDS',
    ...commands.flatMap(commandLines),
    '.SH EXIT STATUS',
    ...allExitCodes.flatMap(([code, meaning]) => definition(String(code), sentence(meaning))),
    '.SH ENVIRONMENT',
    ...variables.flatMap(([name, meaning]) => definition(name, meaning)),
  ];
  return `${lines.join('\n')}\n`;
}

function commandLines(command: CommandDefinition): string[] {
  const { name, description, argument, options, exitCodes, examples } = command;
  return [
    `.SS "fastvideo ${name}${argument === undefined ? '' : escaped(` [${argument.choices.join('|')}]`)}"`,
    text(sentence(description)),
    ...options.flatMap((option) => definition(option.flags, optionText(option))),
    '.PP',
    'Exit status:',
    ...exitCodes.flatMap(([code, meaning]) => definition(String(code), sentence(meaning))),
    '.PP',
    examples.length === 1 ? 'Example:' : 'Examples:',
    '.PP',
    '.nf',
    ...examples.map(text),
    '.fi',
  ];
}

function optionText({ description, default: value }: OptionDefinition): string {
  return value === undefined ? sentence(description) : `${sentence(description)} Default: ${value}.`;
}

function definition(term: string, meaning: string): string[] {
  return ['.TP', `.B ${escaped(term)}`, text(meaning)];
}

function sentence(words: string): string {
  return `${words[0]?.toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? '' : '.'}`;
}

/** A line of text: a dot or an apostrophe at its start would be a macro. */
function text(line: string): string {
  return /^[.']/.test(line) ? `\\&${escaped(line)}` : escaped(line);
}

function escaped(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll("'", '\\(aq')
    .replaceAll('…', '...');
}
