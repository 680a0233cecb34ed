/**
 * `wsyard run`: its options. What it does is `run.ts`.
 */
import { Command, InvalidArgumentError } from 'commander'
import { defined, type Meta, WsyardError } from '../../core/index.js'
import { createMemoryRegistry, ownerOf } from '../../registry/index.js'
import { readMeta, readName, readPath, readPid, readProtocol } from '../arguments.js'
import type { CommandContext } from '../commands.js'
import type { EntryDetails } from './ports.js'
import { run } from './run.js'

interface RunCommandOptions {
  name?: string
  meta?: Meta
  path?: string
  protocol?: readonly string[]
  portEnv: string
  port: boolean
  owner?: number
  restart?: boolean
  json?: boolean
  quiet?: boolean
}

const help = `
Whatever it is, it gets a free port in PORT, and each port at which it or a process below it accepts WebSockets is registered for as
long as it does, whether it took that port or another. Signals go on to it, and its exit code is that of wsyard; 127 means that there
is no such command, and 126 that it cannot be started. When it has ended, so is what it has left running. It has no terminal that
controls it: what asks for a password there, as sudo and ssh do, is run without wsyard.

Examples:
  wsyard run -- node server.js
  wsyard run --name api --path /ws -- python3 server.py
  wsyard run --name api --restart -- sh -c 'exec ./server --port $PORT'
  wsyard run --name web --protocol vite-hmr -- npm run dev      Vite, at a port of its own`

export function runCommand({ exitWith }: CommandContext): Command {
  return new Command('run')
    .argument('[command...]', 'what to run and its arguments, behind --')
    .passThroughOptions() // what stands behind the command's name is the command's
    .option('--name <name>', 'what people call the server', readName)
    .option('--meta <key=value>', 'a label of the server; may be given several times', readMeta)
    .option('--path <path>', 'where it accepts WebSockets (default: /)', readPath)
    .option('--protocol <name>', 'subprotocol that it asks for; may be given several times', readProtocol)
    .option('--port-env <variable>', 'the environment variable that gets a free port', readVariable, 'PORT')
    .option('--no-port', 'give it no port, and leave the variable as it is')
    .option('--owner <pid>', 'the process on whose behalf it runs', readPid)
    .option('--restart', 'start it again when it crashes, later each time')
    .option('--json', 'tell what happens as lines of JSON')
    .option('--quiet', 'tell nothing')
    .addHelpText('after', help)
    .action(async ([file, ...args]: string[], options: RunCommandOptions, command: Command) => {
      if (file === undefined)
        command.error(
          'error: there is nothing to run. Put it behind --, as in: wsyard run --name api -- node server.js',
        )
      const { name, meta, path, protocol = [], portEnv, port } = options
      const { restart = false, json = false, quiet = false } = options
      const owner = options.owner === undefined ? undefined : ownerOf(options.owner)
      const details = { name, meta, path, owner }
      await check(details).catch((error: unknown) => {
        if (error instanceof WsyardError) command.error(`error: ${error.message}`)
        throw error
      })
      await run({
        command: { file, args, portVariable: port ? portEnv : undefined },
        details,
        protocols: protocol,
        restart,
        json,
        quiet,
        exitWith,
      })
    })
}

/** Finds what no entry may say before anything is started. @throws {WsyardError} `WSYARD_ERR_ENTRY_INVALID`. */
async function check(details: EntryDetails): Promise<void> {
  await using registry = createMemoryRegistry()
  await registry.register({ ...defined(details), port: 1 })
}

function readVariable(text: string): string {
  if (/^[A-Za-z_]\w*$/.test(text)) return text
  throw new InvalidArgumentError('It must be letters, digits and _, as in PORT.')
}
