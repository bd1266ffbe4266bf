import { type CompletedCommand, type CompletedOption, globalOptions } from './completion-table.ts';

export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const lines = [
    '# fish completion of fastvideo',
    'complete -c fastvideo -f',
    ...globalOptions.map((option) => optionLine('__fish_use_subcommand', option)),
    ...commands.flatMap(commandLines),
  ];
  return `${lines.join('\n')}\n`;
}

function commandLines({ name, description, words, options, keys }: CompletedCommand): string[] {
  const inCommand = `__fish_seen_subcommand_from ${name}`;
  return [
    `complete -c fastvideo -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ...(words.length === 0
      ? []
      : [`complete -c fastvideo -n ${quoted(inCommand)} -a ${quoted(words.join(' '))}`]),
    ...[...options, ...keys].map((option) => optionLine(inCommand, option)),
  ];
}

function optionLine(condition: string, { names, description, value }: CompletedOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return `complete -c fastvideo -n ${quoted(condition)} ${flags.join(' ')}${valueFlags(value)} -d ${quoted(description)}`;
}

/** `-r`: a value follows; `-F`: files, `-x`: nothing but what `-a` names. */
function valueFlags(value: CompletedOption['value']): string {
  if (value === 'none') return '';
  if (value === 'file') return ' -r -F';
  return value === 'text' ? ' -x' : ` -x -a ${quoted(value.join(' '))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
