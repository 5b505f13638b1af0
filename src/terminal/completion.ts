/** What a shell offers when Tab is pressed: commands, and the words and options of each. */
export interface Completable {
  readonly name: string;
  readonly what: string;
  /** Options with their dashes, and words that follow the command. */
  readonly offers: readonly string[];
}

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

/** The options that a help text tells of. */
export const optionsIn = (usage: string): readonly string[] => [
  ...new Set(usage.match(/(?<![\w-])--[a-z][a-z-]*[a-z]/g) ?? []),
];

/**
 * The script that teaches it to the shell. All that it holds is of our own making: there is nothing to quote. `options`:
 * those that stand without a command.
 */
export const completionFor = (
  shell: Shell,
  program: string,
  commands: readonly Completable[],
  options: readonly string[],
): string => WRITERS[shell](program, commands, options);

type Writer = (program: string, commands: readonly Completable[], options: readonly string[]) => string;

const wordsOf = ({ offers }: Completable): string => offers.join(' ');

const bash: Writer = (program, commands, options) => `# eval "$(${program} completion bash)"
_${toName(program)}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${[...commands.map(({ name }) => name), ...options].join(' ')}"
  else
    case "\${COMP_WORDS[1]}" in
${commands.map((command) => `      ${command.name}) words="${wordsOf(command)}" ;;`).join('\n')}
      -*) words="${options.join(' ')}" ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${toName(program)} ${program}`;

const zsh: Writer = (program, commands, options) => `#compdef ${program}
# eval "$(${program} completion zsh)"
_${toName(program)}() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${commands.map(({ name, what }) => `      '${name}:${what.replaceAll(':', '\\:')}'`).join('\n')}
    )
    _describe command commands
    compadd -- ${options.join(' ')}
    return
  fi
  case "$words[2]" in
${commands.map((command) => `    ${command.name}) compadd -- ${wordsOf(command)} ;;`).join('\n')}
    -*) compadd -- ${options.join(' ')} ;;
  esac
  _files
}
# Evaluated in a shell, or laid into its fpath as _${program}, which then calls what it finds.
if [[ "\${funcstack[1]}" == "_${program}" ]]; then
  _${toName(program)} "$@"
else
  (( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit }
  compdef _${toName(program)} ${program}
fi`;

const fish: Writer = (program, commands, options) =>
  [
    `# ${program} completion fish | source`,
    ...commands.map(({ name, what }) => `complete -c ${program} -n __fish_use_subcommand -f -a ${name} -d '${what}'`),
    ...options.map((option) => {
      const names = commands.map(({ name }) => name).join(' ');
      return `complete -c ${program} -n 'not __fish_seen_subcommand_from ${names}' -l ${option.slice(2)}`;
    }),
    ...commands.flatMap(({ name, offers }) =>
      offers.map((offer) => {
        const kind = offer.startsWith('--') ? `-l ${offer.slice(2)}` : `-f -a ${offer}`;
        return `complete -c ${program} -n '__fish_seen_subcommand_from ${name}' ${kind}`;
      }),
    ),
  ].join('\n');

const powershell: Writer = (
  program,
  commands,
  options,
) => `# ${program} completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ${program} -ScriptBlock {
  param($word, $line)
  $offers = @{
${commands.map(({ name, offers }) => `    '${name}' = @(${quoted(offers)})`).join('\n')}
  }
  $options = @(${quoted(options)})
  $given = @($line.CommandElements | ForEach-Object { $_.ToString() })
  $isFirst = $given.Count -lt 2 -or ($given.Count -eq 2 -and $word -ne '')
  $words = if ($isFirst) { @(${quoted(commands.map(({ name }) => name))}) + $options }
    elseif ($given[1] -like '-*') { $options } else { $offers[$given[1]] }
  $words | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}`;

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ');

const WRITERS: Readonly<Record<Shell, Writer>> = { bash, zsh, fish, powershell };

const toName = (program: string): string => program.replaceAll('-', '_');
