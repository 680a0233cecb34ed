/**
 * `wsyard mcp`: puts the MCP server on the standard input and output. The package that speaks the protocol is loaded here, and only here.
 */
import { Command } from 'commander'
import { reasonOf, WsyardError } from '../../core/index.js'
import type { CommandContext } from '../commands.js'
import { say } from '../text/say.js'

const help = `
An agent's program starts it, and speaks the Model Context Protocol with it over its input and output; it ends with its input, once
what was asked before has been answered, and after a second at most.
It needs a package that does not come with wsyard: npm install @modelcontextprotocol/server

Its tools: list_servers, watch_servers, connect, send, read, disconnect. Whoever uses them reaches every server of this user.

Examples:
  wsyard mcp                                          what an agent's program is to start
  { "command": "npx", "args": ["wsyard", "mcp"] }     the same, as most of them have it in their settings`

export function mcpCommand(context: CommandContext): Command {
  return new Command('mcp').addHelpText('after', help).action(() => run(context))
}

/** How long the last answers have to be made, and to be taken, once the input has ended. */
const lastAnswersMs = 1000

async function run({ version, onWarning }: CommandContext): Promise<void> {
  const { stdin, stdout } = process
  const { createMcpTools, createStdioTransport, serveStdio } = await load()
  const tools = createMcpTools({ directory: process.cwd(), version, onWarning })
  const transport = createStdioTransport(stdin, stdout)
  const quit = new AbortController()
  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'close'] as const) stdin.once(event, resolve)
    quit.signal.addEventListener('abort', () => resolve())
  })
  stdout.on('error', () => quit.abort()) // nobody reads the answers any more
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => quit.abort()) // the second one ends the process
  const connection = serveStdio(() => tools.createServer(), { transport, onerror: onWarning })
  if (stdin.isTTY) say('This is for programs that speak MCP; wsyard mcp --help says how. Ctrl+C ends it.')
  await ended
  await transport.answered(lastAnswersMs, quit.signal)
  await connection.close()
  await tools.close()
  stdin.destroy() // which may be waited for
  if (stdout.writableLength > 0) process.exit() // and so may a reader of what nobody reads
}

async function load() {
  try {
    const [{ createMcpTools }, { createStdioTransport }, { serveStdio }] = await Promise.all([
      import('./mcp-server.js'),
      import('./stdio-transport.js'),
      import('@modelcontextprotocol/server/stdio'),
    ])
    return { createMcpTools, createStdioTransport, serveStdio }
  } catch (cause) {
    const missing = /Cannot find package '(@modelcontextprotocol\/server)/.exec(reasonOf(cause))
    if (missing === null) throw cause
    const message =
      'wsyard mcp needs a package that is not installed beside wsyard. Install it: npm install @modelcontextprotocol/server'
    throw new WsyardError('WSYARD_ERR_PACKAGE_MISSING', message, { cause })
  }
}
