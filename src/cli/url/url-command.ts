/**
 * `wsyard url`: where a server is, for programs that are to connect to it by themselves.
 */
import { Command } from 'commander'
import { pathOf } from '../../core/index.js'
import { readScope } from '../arguments.js'
import type { CommandContext } from '../commands.js'
import { dial } from '../connect/dial.js'
import { lookUp, scopeHelp, wantedServer } from '../find-server.js'

interface UrlCommandOptions {
  scope?: string
  json?: boolean
}

const help = `
It is that of the address at which the server answers just now, with its own path. With --json an object is printed: { "id", "name",
"url", "auth" }, where "auth" is "token" for a server that asks for one, which "wsyard token" prints.

Examples:
  wsyard url worker-a
  websocat "$(wsyard url worker-a)"`

/** The system answers at once; a machine that takes this long to is out of order. */
const dialMs = 5000

export function urlCommand({ onWarning }: CommandContext): Command {
  return new Command('url')
    .argument('<server>', 'its id or name, as "wsyard ls" has it')
    .option('--scope <dir>', scopeHelp, readScope)
    .option('--json', 'print it as JSON, with what the server asks for')
    .addHelpText('after', help)
    .action(async (key: string, { scope, json }: UrlCommandOptions) => {
      const server = await lookUp(wantedServer(key, scope), onWarning)
      const { socket, authority } = await dial(server, AbortSignal.timeout(dialMs))
      socket.destroy()
      const { id, name, auth } = server
      const url = `ws://${authority}${pathOf(server, '')}`
      process.stdout.write(
        json === true ? `${JSON.stringify({ id, name, url, auth }, null, 2)}\n` : `${url}\n`,
      )
    })
}
