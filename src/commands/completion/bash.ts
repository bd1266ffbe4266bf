import { type CompletedCommand, type CompletedOption, globalOptions } from './completion-table.ts';

/** A script for bash 3.2 and later. Config keys are offered by section first (`--server.`), then whole. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  return `# bash completion of fastvideo; load it with: source <(fastvideo completion bash)
_fastvideo() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local command= words= keys= word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $word != -* ]]; then command=$word; break; fi
  done
  # bash takes --key=value for three words.
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case "$command $previous" in
${commands.flatMap(valueCases).join('\n')}
  esac
  if [[ -z $words ]]; then
    case $command in
      '') words='${[...commands.map(({ name }) => name), ...namesOf(globalOptions)].join(' ')}' ;;
${commands.map(commandCase).join('\n')}
    esac
    if [[ $current == --*.* ]]; then words=$keys; fi
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *. ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -o default -F _fastvideo fastvideo
`;
}

function commandCase({ name, words, options, keys }: CompletedCommand): string {
  const all = [...words, ...namesOf(options), ...sectionsOf(keys)];
  return `      ${name}) words='${all.join(' ')}' keys='${namesOf(keys).join(' ')}' ;;`;
}

/** Words of an option with a value: its choices; else files, or nothing at all. */
function valueCases({ name, options, keys }: CompletedCommand): string[] {
  return [...options, ...keys].flatMap(({ names, value }) => {
    if (value === 'none') return [];
    const pattern = names.map((option) => `'${name} ${option}'`).join(' | ');
    if (value === 'file') return [`    ${pattern}) return ;;`];
    if (value === 'text') return [`    ${pattern}) compopt +o default 2>/dev/null; return ;;`];
    return [`    ${pattern}) words='${value.join(' ')}' ;;`];
  });
}

function namesOf(options: readonly CompletedOption[]): string[] {
  return options.flatMap(({ names }) => names);
}

/** `--server.` for `--server.port`. */
function sectionsOf(keys: readonly CompletedOption[]): string[] {
  return [...new Set(namesOf(keys).map((name) => name.slice(0, name.indexOf('.') + 1)))];
}
