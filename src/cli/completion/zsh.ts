/**
 * Completion for zsh. Pure.
 */
import { type Completable, valueCases } from './completable.js'

export function zshCompletion(commands: readonly Completable[]): string {
  return `#compdef wsyard
# wsyard completion for zsh. Put into ~/.zshrc, below compinit:  source <(wsyard completion zsh)
_wsyard() {
  local -a described
  local argument=
  if (( CURRENT == 2 )); then
    described=(${commands.map(({ name, summary }) => item(name, summary)).join(' ')})
    _describe command described
    return
  fi
  case "$words[2] $words[CURRENT-1]" in
${valueCases(commands, (values) => (values === 'directory' ? '_files -/' : `described=(${values.join(' ')}); _describe value described`))}
  esac
  case "$words[2]" in
${commands.map(caseOf).join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then _describe option described
  elif [[ $argument == server ]]; then described=(\${(f)"$(wsyard completion servers 2>/dev/null)"}); _describe server described
  elif [[ $argument == directory ]]; then _files -/
  elif [[ $argument == command ]]; then _command_names -e; _files
  elif [[ $argument == shell ]]; then described=(bash zsh fish); _describe shell described
  fi
}
compdef _wsyard wsyard
`
}

function caseOf({ names, options, argument }: Completable): string {
  const flags = options.flatMap((option) => option.flags.map((flag) => item(flag, option.description)))
  return `    ${names.join('|')}) described=(${flags.join(' ')}) argument=${argument ?? ''} ;;`
}

/** A word and what it means, which \`_describe\` wants with a colon in between, in quotes. */
function item(word: string, meaning: string): string {
  return `'${`${word}:${meaning}`.replaceAll("'", `'\\''`)}'`
}
