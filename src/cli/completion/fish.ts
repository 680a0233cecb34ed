/**
 * Completion for fish. Pure.
 */
import type { Completable, CompletableOption } from './completable.js'

export function fishCompletion(commands: readonly Completable[]): string {
  const lines = commands.flatMap((command) => {
    const { name, names, summary, options, argument } = command
    const within = `-n '__fish_seen_subcommand_from ${names.join(' ')}'`
    return [
      `complete -c wsyard -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
      ...options.map((option) => `complete -c wsyard ${within} ${optionOf(option)}`),
      ...(argument === undefined ? [] : [`complete -c wsyard ${within} ${offers[argument]}`]),
    ]
  })
  return `# wsyard completion for fish. Save as ~/.config/fish/completions/wsyard.fish:  wsyard completion fish > …
complete -c wsyard -f
${lines.join('\n')}
`
}

const offers = {
  server: `-f -a '(wsyard completion servers 2>/dev/null)'`,
  directory: `-f -a '(__fish_complete_directories)'`,
  command: '-F',
  shell: `-f -a 'bash zsh fish'`,
} as const

function optionOf({ flags, description, takesValue, values }: CompletableOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
  const value = flags.includes('--scope') ? `'(__fish_complete_directories)'` : quoted(values.join(' '))
  return [...names, ...(takesValue ? ['-x', '-a', value] : []), '-d', quoted(description)].join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
