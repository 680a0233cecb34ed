/**
 * Completion for bash. Pure.
 */
import { type Completable, valueCases } from './completable.js'

export function bashCompletion(commands: readonly Completable[]): string {
  const names = commands.map(({ name }) => name).join(' ')
  return `# wsyard completion for bash. Put into ~/.bashrc:  source <(wsyard completion bash)
_wsyard() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} flags= argument=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} --help --version" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]} $before" in
${valueCases(commands, (values) => `COMPREPLY=($(${values === 'directory' ? 'compgen -d' : `compgen -W "${values.join(' ')}"`} -- "$word"))`)}
  esac
  case "\${COMP_WORDS[1]}" in
${commands.map(caseOf).join('\n')}
  esac
  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [ "$argument" = server ]; then COMPREPLY=($(compgen -W "$(wsyard completion servers 2>/dev/null)" -- "$word"))
  elif [ "$argument" = directory ]; then COMPREPLY=($(compgen -d -- "$word"))
  elif [ "$argument" = command ]; then COMPREPLY=($(compgen -c -f -- "$word"))
  elif [ "$argument" = shell ]; then COMPREPLY=($(compgen -W "bash zsh fish" -- "$word"))
  fi
}
complete -F _wsyard wsyard
`
}

function caseOf({ names, options, argument }: Completable): string {
  const flags = options.flatMap((option) => option.flags).join(' ')
  return `    ${names.join('|')}) flags="${flags}" argument=${argument ?? ''} ;;`
}
