/**
 * `wsyard token`: what a server asks for, for programs that are to connect to it by themselves.
 */
import { Command } from 'commander'
import { type Entry, lacksKey, WsyardError } from '../../core/index.js'
import { readScope } from '../arguments.js'
import type { CommandContext } from '../commands.js'
import { lookUp, scopeHelp, wantedServer } from '../find-server.js'
import { describeServer } from '../text/describe-server.js'
import { say } from '../text/say.js'

interface TokenCommandOptions {
  scope?: string
  json?: boolean
}

const help = `
Whoever has the token may talk to the server for as long as it runs. Hand it to a program by its input or a file rather than by an
argument, which other users of the machine can read. The program sends it as the header "Authorization: Bearer <token>", or where it can
set none as the subprotocol "wsyard.bearer.<token>". With --json an object is printed: { "id", "token" }.

Examples:
  wsyard token worker-a
  wsyard token worker-a | node client.js "$(wsyard url worker-a)"
  printf 'Authorization: Bearer %s' "$(wsyard token worker-a)" | curl -isN -H @- -H 'Connection: Upgrade' -H 'Upgrade: websocket' \\
    -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==' "$(wsyard url worker-a | sed s/ws/http/)"`

export function tokenCommand({ onWarning }: CommandContext): Command {
  return new Command('token')
    .argument('<server>', 'its id or name, as "wsyard ls" has it')
    .option('--scope <dir>', scopeHelp, readScope)
    .option('--json', 'print it as JSON')
    .addHelpText('after', help)
    .action(async (key: string, { scope, json }: TokenCommandOptions) => {
      const server = await lookUp(wantedServer(key, scope), onWarning)
      const { id } = server
      const token = tokenOf(server)
      const { stdout } = process
      stdout.write(json === true ? `${JSON.stringify({ id, token }, null, 2)}\n` : `${token}\n`)
      if (stdout.isTTY)
        say(`Whoever has this token may talk to ${describeServer(server)} for as long as it runs.`)
    })
}

function tokenOf(server: Entry): string {
  const { id, port, token } = server
  if (token !== undefined) return token.reveal()
  const what = `The server ${describeServer(server)} at port ${port}`
  throw new WsyardError('WSYARD_ERR_NO_TOKEN', `${what} ${whyNone(server)}.`, { id })
}

function whyNone(server: Entry): string {
  if (lacksKey(server))
    return 'asks for a token that cannot be read here. Give, in the URL of the registry, the secret-file that the server has'
  if (server.auth === 'token')
    return 'asks for a token that the registry does not have, as it wrote itself into servers.json. Ask the program itself for it'
  return 'asks for no token: every program of this machine may talk to it. Connect without one'
}
