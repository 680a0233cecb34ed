/**
 * `wsyard register`: puts a server into the registry that listens already and knows nothing of wsyard.
 */
import { Command } from 'commander'
import { defined, type Entry, type Meta, toServer, WsyardError } from '../../core/index.js'
import { openRegistry } from '../../registry/index.js'
import { readMeta, readName, readPath, readPid, readPort } from '../arguments.js'
import type { CommandContext } from '../commands.js'
import { harmlessJson } from '../text/harmless-json.js'
import { findListener } from './find-listener.js'

interface RegisterCommandOptions {
  port: number
  pid?: number
  name?: string
  path?: string
  meta?: Meta
  owner?: number
  json?: boolean
}

const help = `
The entry goes when the process has ended, which a hub, "wsyard ls" and "wsyard prune" see; or by "wsyard deregister". A command that is
yet to be started is better run by "wsyard run", which knows when it listens.

Examples:
  wsyard register --port 8080 --name api
  wsyard register --port 8080 --name api --path /ws --meta team=blue`

export function registerCommand({ onWarning }: CommandContext): Command {
  return new Command('register')
    .requiredOption('-p, --port <port>', 'the port at which it listens', readPort)
    .option('--pid <pid>', 'the process that listens there (default: the one that the system names)', readPid)
    .option('--name <name>', 'what people call the server', readName)
    .option('--path <path>', 'where it accepts WebSockets (default: /)', readPath)
    .option('--meta <key=value>', 'a label of the server; may be given several times', readMeta)
    .option('--owner <pid>', 'the process on whose behalf it runs', readPid)
    .option('--json', 'print the entry as JSON')
    .addHelpText('after', help)
    .action((options: RegisterCommandOptions) => run(options, onWarning))
}

async function run(
  { port, pid: given, json, ...details }: RegisterCommandOptions,
  onWarning: (warning: Error) => void,
): Promise<void> {
  const listener = await findListener(port, given)
  const { pid } = listener
  await using registry = openRegistry({ onWarning })
  const present = (await registry.list()).find((entry) => entry.port === port && entry.pid === pid)
  if (present !== undefined) throw isRegistered(present)
  const registration = await registry.register({ ...defined(details), ...listener })
  registration.release()
  const { entry } = registration
  if (json === true) process.stdout.write(`${harmlessJson(toServer(entry), 2)}\n`)
  else
    process.stdout.write(
      `Registered ${entry.name ?? entry.id} at port ${port}, process ${pid}${entry.name === undefined ? '' : `, as ${entry.id}`}.\n`,
    )
}

function isRegistered({ id, name = id, port, pid }: Entry): WsyardError {
  const message = `Process ${pid} is registered at port ${port} already, as ${name} (${id}). Take that out with "wsyard deregister ${id}" first.`
  return new WsyardError('WSYARD_ERR_ID_TAKEN', message, { id })
}
