import { type CompletedCommand, type CompletedOption, globalOptions } from './completion-table.ts';

/** A script that works as the file `_fastvideo` of a folder in `fpath`, and when it is sourced after `compinit`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const top = commands.map(({ name, description }) => entry(name, description));
  return `#compdef fastvideo
_fastvideo() {
  local command word
  local -a entries options
  for word in \${words[2,CURRENT-1]}; do
    if [[ $word != -* ]]; then command=$word; break; fi
  done
  case "$command \${words[CURRENT-1]}" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$command" in
    '')
      entries=(${top.join(' ')})
      options=(${optionEntries(globalOptions).join(' ')}) ;;
${commands.map(commandCase).join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    _describe -o option options
  elif (( $#entries )); then
    _describe argument entries
  fi
}
if [[ $funcstack[1] == _fastvideo ]]; then _fastvideo "$@"; else compdef _fastvideo fastvideo; fi
`;
}

function commandCase({ name, words, options, keys }: CompletedCommand): string {
  const described = optionEntries([...options, ...keys]).join(' ');
  return `    ${name}) entries=(${words.join(' ')}) options=(${described}) ;;`;
}

function valueCases({ name, options, keys }: CompletedCommand): string[] {
  return [...options, ...keys].flatMap(({ names, value }) => {
    if (value === 'none') return [];
    const pattern = names.map((option) => quoted(`${name} ${option}`)).join('|');
    if (value === 'file') return [`    ${pattern}) _files; return ;;`];
    if (value === 'text') return [`    ${pattern}) _message value; return ;;`];
    return [`    ${pattern}) compadd -- ${value.join(' ')}; return ;;`];
  });
}

function optionEntries(options: readonly CompletedOption[]): string[] {
  return options.flatMap(({ names, description }) => names.map((name) => entry(name, description)));
}

function entry(name: string, description: string): string {
  return quoted(`${name}:${description.replaceAll('\\', '\\\\').replaceAll(':', '\\:')}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
