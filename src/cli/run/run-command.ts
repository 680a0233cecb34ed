/**
 * `wsyard run`: its options. What it does is `run.ts`.
 */
import { Command, InvalidArgumentError } from 'commander'
import type { Meta } from '../../core/index.js'
import { readMeta, readName, readPath, readPid, readProtocol } from '../arguments.js'
import type { CommandContext } from '../commands.js'
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
is no such command, and 126 that it cannot be started. When it has ended, so is what it has left running.

Examples:
  wsyard run -- node server.js
  wsyard run --name api --path /ws -- python3 server.py
  wsyard run --name web --restart -- npm run dev
  wsyard run --port-env WS_PORT --meta team=blue -- sh -c 'exec ./server --port $WS_PORT'`

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
      const { name, meta, path, protocol = [], portEnv, port, owner } = options
      const { restart = false, json = false, quiet = false } = options
      await run({
        command: { file, args, portVariable: port ? portEnv : undefined },
        details: { name, meta, path, owner },
        protocols: protocol,
        restart,
        json,
        quiet,
        exitWith,
      })
    })
}

function readVariable(text: string): string {
  if (/^[A-Za-z_]\w*$/.test(text)) return text
  throw new InvalidArgumentError('It must be letters, digits and _, as in PORT.')
}
