/**
 * What can be completed of each command, read from its definition. How a shell is told is a file for each shell.
 */
import type { Command } from 'commander'
import type { CommandSummary } from '../commands.js'

export interface Completable {
  readonly name: string
  /** What it is called: its name, and its alias if it has one. */
  readonly names: readonly string[]
  readonly summary: string
  readonly options: readonly CompletableOption[]
  /** What its arguments are, as far as they can be completed. */
  readonly argument: 'server' | 'directory' | 'command' | 'shell' | undefined
}

export interface CompletableOption {
  /** As `--name` and `-n`. */
  readonly flags: readonly string[]
  readonly description: string
  readonly takesValue: boolean
  /** The values that it may have, where they are known. */
  readonly values: readonly string[]
}

const argumentKinds: Readonly<Record<string, Completable['argument']>> = {
  server: 'server',
  dir: 'directory',
  command: 'command',
  shell: 'shell',
}

/** What is hidden in the help is not offered. */
export function completableOf(command: Command, { summary, alias }: CommandSummary): Completable {
  const options = command.options.flatMap(
    ({ hidden, short, long, description, required, optional, argChoices }) => {
      const flags = [long, short].filter((flag) => flag !== undefined)
      return hidden
        ? []
        : [{ flags, description, takesValue: required || optional, values: argChoices ?? [] }]
    },
  )
  const [first] = command.registeredArguments
  const name = command.name()
  return {
    name,
    names: alias === undefined ? [name] : [name, alias],
    summary,
    options: [...options, { flags: ['--help'], description: 'display help', takesValue: false, values: [] }],
    argument: first && argumentKinds[first.name()],
  }
}

/**
 * What may follow an option, as the cases that bash and zsh share: of the words \`<command> <option>\`, with nothing to offer where the
 * values are not known.
 *
 * @param offer what to do where they are
 */
export function valueCases(
  commands: readonly Completable[],
  offer: (values: readonly string[] | 'directory') => string,
): string {
  const unknown: string[] = []
  const cases = commands.flatMap(({ names, options }) =>
    options.flatMap(({ flags, takesValue, values }) => {
      const patterns = names.flatMap((name) => flags.map((flag) => `"${name} ${flag}"`))
      const known = flags.includes('--scope') ? 'directory' : values
      if (takesValue && known.length === 0) unknown.push(...patterns)
      return takesValue && known.length > 0 ? [`    ${patterns.join('|')}) ${offer(known)}; return ;;`] : []
    }),
  )
  return [...cases, `    ${unknown.join('|')}) return ;;`].join('\n')
}
