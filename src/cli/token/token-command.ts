/**
 * `wsyard token`: what a server asks for, for programs that are to connect to it by themselves.
 */
import { Command } from 'commander'
import { type Entry, WsyardError } from '../../core/index.js'
import type { CommandContext } from '../commands.js'
import { lookUp, scopeHelp, wantedServer } from '../find-server.js'
import { say } from '../text/say.js'

interface TokenCommandOptions {
  scope?: string
  json?: boolean
}

const help = `
Whoever has the token may talk to the server for as long as it runs. Hand it to a program by its input or a file rather than by an
argument, which other users of the machine can read. With --json an object is printed: { "id", "token" }.

Examples:
  wsyard token worker-a
  printf 'Authorization: Bearer %s' "$(wsyard token worker-a)" | curl -H @- "$(wsyard url worker-a)"`

export function tokenCommand({ onWarning }: CommandContext): Command {
  return new Command('token')
    .argument('<server>', 'its id or name, as "wsyard ls" has it')
    .option('--scope <dir>', scopeHelp)
    .option('--json', 'print it as JSON')
    .addHelpText('after', help)
    .action(async (key: string, { scope, json }: TokenCommandOptions) => {
      const server = await lookUp(wantedServer(key, scope), onWarning)
      const { id } = server
      const token = tokenOf(server)
      const { stdout } = process
      stdout.write(json === true ? `${JSON.stringify({ id, token }, null, 2)}\n` : `${token}\n`)
      if (stdout.isTTY) say(`Whoever has this token may talk to "${id}" for as long as it runs.`)
    })
}

function tokenOf({ id, port, auth, token }: Entry): string {
  if (token !== undefined) return token.reveal()
  const why =
    auth === 'token'
      ? 'asks for a token that the registry does not have, as it wrote itself into servers.json. Ask the program itself for it'
      : 'asks for no token: every program of this machine may talk to it. Connect without one'
  throw new WsyardError('WSYARD_ERR_NO_TOKEN', `The server "${id}" at port ${port} ${why}.`, { id })
}
