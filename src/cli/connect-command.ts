/**
 * `wsyard connect`: its options, which server it means, and what it says on the error output.
 */
import { styleText } from 'node:util'
import { Command, InvalidArgumentError } from 'commander'
import { type Entry, findServer, notFound, pathOf, WsyardError } from '../core/index.js'
import { openRegistry } from '../registry/index.js'
import { closest } from './closest.js'
import { converse } from './converse.js'
import { linesOf } from './lines-of.js'
import { openSocket } from './open-socket.js'

interface ConnectCommandOptions {
  path?: string
  protocol?: readonly string[]
  send?: string
  count?: number
}

const help = `
What the server sends goes to the standard output, binary messages as lines of hex; all else goes to the error output.
The exit code is 0 when it ended as it was meant to, and 1 when it did not.

Examples:
  wsyard connect worker-a                            talk; Ctrl+D or Ctrl+C ends it
  wsyard connect worker-a --send ping                one message, one answer
  wsyard connect worker-a --count 3 < questions.txt  each line a message, until three answers have come`

export function connectCommand(onWarning: (warning: Error) => void): Command {
  return new Command('connect')
    .description(
      'talk with a server: each line of the input is a message, and each of its messages is printed',
    )
    .argument('<server>', 'its id or name, as "wsyard list" has it; of several with one name, the newest')
    .option('--path <path>', "path to ask for, or a query as ?x=1 (default: the server's own)", readPath)
    .option('--protocol <name>', 'subprotocol to offer; may be given several times', readProtocol)
    .option('--send <text>', 'send this one message instead of the input, and end after the answer')
    .option('--count <n>', 'end after so many messages have come (default: 1 with --send)', readCount)
    .addHelpText('after', help)
    .action((key: string, options: ConnectCommandOptions) => run(key, options, onWarning))
}

async function run(
  key: string,
  { path = '', protocol = [], send, count = send === undefined ? undefined : 1 }: ConnectCommandOptions,
  onWarning: (warning: Error) => void,
): Promise<void> {
  const { stdin, stdout } = process
  const server = await find(key, onWarning)
  const socket = await openSocket(server, { path: pathOf(server, path), protocols: protocol })
  const interruption = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => interruption.abort()) // the second one ends the process
  }
  const chosen = socket.protocol === '' ? '' : `, speaking ${socket.protocol}`
  say(`Connected to ${key === server.id ? '' : `${key}, `}${server.id} at port ${server.port}${chosen}.`)
  try {
    const messages = send === undefined ? linesOf(stdin) : [send]
    say(await converse(socket, { server, messages, output: stdout, count, signal: interruption.signal }))
  } finally {
    stdin.destroy() // which may be waited for
  }
}

async function find(key: string, onWarning: (warning: Error) => void): Promise<Entry> {
  const registry = openRegistry({ onWarning })
  const entries = new Map((await registry.list()).map((entry) => [entry.id, entry]))
  await registry.close()
  const entry = findServer(entries, key)
  if (entry !== undefined) return entry
  const labels = [...entries.values()].flatMap(({ id, name }) => (name === undefined ? [id] : [name, id]))
  const meant = closest(key, labels)
  const question = meant === undefined ? '' : ` Did you mean ${meant}?`
  throw new WsyardError('WSYARD_ERR_SERVER_NOT_FOUND', notFound(entries, key).message + question)
}

function say(text: string): void {
  process.stderr.write(`${process.stderr.isTTY ? styleText('dim', text) : text}\n`)
}

function readPath(text: string): string {
  if (/^[/?][\x21\x22\x24-\x7e]*$/.test(text)) return text
  throw new InvalidArgumentError(
    'It must start with / or ? and hold no spaces or #; write those as %20 and %23.',
  )
}

function readProtocol(text: string, earlier: readonly string[] = []): readonly string[] {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(text))
    throw new InvalidArgumentError("It must be letters, digits and !#$%&'*+.^_`|~- only.")
  return [...new Set([...earlier, text])]
}

function readCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1 on.')
}
