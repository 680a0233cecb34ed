/** Where documents and helps call the command, and whether it would understand that. */
import { type CommandContext, commands, defaultCommand, loadCommand } from '../../src/cli/commands.js'

/** For commands that are asked for their options alone. */
export const idleContext: CommandContext = { version: '', onWarning() {}, exitWith() {} }

/** An argument as a shell reads it. */
const word = String.raw`(?:'[^']*'|"[^"]*"|\$\([^)]*\)|[^\s'"|<>;&()\x60])+`

const call = new RegExp(String.raw`(?<!npm install .*)\bwsyard(?= |$)((?: ${word})*)`, 'gm')

/** The arguments of each call of `wsyard` in a text. Two spaces end one: behind them is what it does. */
export function callsIn(text: string): string[][] {
  return Array.from(text.matchAll(call), ([, words = '']) =>
    Array.from(words.matchAll(new RegExp(word, 'g')), ([argument]) => asGiven(argument)),
  )
}

/** Without its quotes; what another command would put there is a number. */
function asGiven(argument: string): string {
  return argument.replace(/\$\([^)]*\)/g, '1').replace(/'([^']*)'|"([^"]*)"/g, '$1$2')
}

/** What a document says that can be typed into a shell: its blocks for one, and of a session what stands behind a `$`. */
export function typedIn(markdown: string): string {
  const blocks = markdown.matchAll(/^```(bash|sh|console)\n(.*?)^```$/gms)
  const typed = Array.from(blocks, ([, language, block = '']) =>
    language === 'console' ? (block.match(/^\$ .*$/gm) ?? []).join('\n') : block,
  )
  return typed.join('\n').replaceAll(/(^|\s)# .*$/gm, '')
}

/** Resolves if a command would take these arguments, without doing what it does; rejects with what it would say. */
export async function tryToParse(args: readonly string[]): Promise<void> {
  const [first = defaultCommand] = args
  const isNamed = !first.startsWith('-')
  if (!isNamed && ['--help', '-h', '--version', '-V'].includes(first)) return
  const name = isNamed ? first : defaultCommand
  const [, summary] =
    Object.entries(commands).find(([key, { alias }]) => key === name || alias === name) ?? []
  if (summary === undefined) throw new Error(`There is no command "${name}".`)
  const command = await loadCommand(summary, idleContext)
  const said: string[] = []
  command.exitOverride().configureOutput({ writeErr: (text) => void said.push(text), writeOut() {} })
  await command
    .action(() => {})
    .parseAsync(args.slice(isNamed ? 1 : 0), { from: 'user' })
    .catch((error: unknown) => {
      throw new Error(`wsyard ${args.join(' ')}: ${said.join('') || error}`)
    })
    .finally(() => {
      delete process.env.WSYARD_REGISTRY // which `--registry` has set for whatever would be done
    })
}
