#!/usr/bin/env node
/**
 * The command. It alone sets the exit code: 0 when all went well, 1 when it did not, 2 for arguments that make no sense, and of
 * `wsyard run` that of what was run.
 */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { reasonOf, WsyardError } from '../core/index.js'
import { type CommandContext, commands, defaultCommand, loadCommand } from './commands.js'
import { sayError, warn } from './text/say.js'

const context: CommandContext = {
  version: version(),
  onWarning: warn,
  exitWith(code) {
    process.exitCode = code
  },
}

/** What commander makes of arguments that make no sense. */
const usageExitCode = 2

const help = `
Examples:
  wsyard                        what runs now
  wsyard connect worker-a       talk with one of them
  wsyard hub                    a page that finds and talks with all of them`

const args = process.argv.slice(2)
const isAboutAll = args[0] === '--help' || args[0] === '-h' || args[0] === '--version' || args[0] === '-V'
const given =
  isAboutAll || (args[0] !== undefined && !args[0].startsWith('-')) ? args : [defaultCommand, ...args]

process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') return // whoever read it has read enough, as `head` has
  sayError(new Error(`The output cannot be written: ${error.message}.`))
  process.exitCode = 1
})
process.stderr.on('error', () => {}) // there is nobody to tell

try {
  const program = await programFor(given[0])
  await program.parseAsync(given, { from: 'user' })
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : usageExitCode // it has said why
  } else if (error instanceof WsyardError) {
    sayError(error)
    process.exitCode = 1
  } else if (isOfSystem(error)) {
    sayError(new Error(`The system does not allow it: ${reasonOf(error)}.`))
    process.exitCode = 1
  } else throw error
}

/** A call that failed, as of a file that may not be read. */
function isOfSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

/** The program with the one command that is asked for, and what there is to say of the others. */
async function programFor(asked: string | undefined): Promise<Command> {
  const program = new Command('wsyard')
    .description('Find, reach and talk with every WebSocket server that runs on this machine.')
    .version(context.version)
    .showHelpAfterError('Add --help to see what there is.')
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText('after', help)
  for (const [name, one] of Object.entries(commands)) {
    const { summary, alias } = one
    const isAsked = asked === name || asked === alias || asked === 'help'
    const command = isAsked
      ? (await loadCommand(one, context)).copyInheritedSettings(program)
      : new Command(name)
    if (alias !== undefined) command.alias(alias)
    program.addCommand(command.summary(summary).description(command.description() || summary))
  }
  return program
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return (manifest as { version: string }).version
}
