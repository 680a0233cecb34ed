/**
 * `wsyard send`: a message to one server, or to all of them.
 */
import { text as textOf } from 'node:stream/consumers'
import { Command } from 'commander'
import { closeness, type Entry } from '../../core/index.js'
import { projectOf } from '../../registry/index.js'
import type { CommandContext } from '../commands.js'
import { type Message, readBytes } from '../connect/notation.js'
import { addTalkOptions, defaultTimeoutMs, readSeconds, type TalkOptions } from '../connect/options.js'
import { listServers, lookUp, wantedServer } from '../find-server.js'
import { harmless, harmlessLine } from '../text/format-message.js'
import { harmlessJson } from '../text/harmless-json.js'
import { say } from '../text/say.js'
import { type Delivery, deliver, type Outcome, tryToDeliver } from './deliver.js'

interface SendCommandOptions extends TalkOptions {
  all?: boolean
}

const help = `
It ends when the server's side has taken the message: when that has answered the close that is sent behind it, or with --expect when an
answer matches, which is printed. With - for the message it is read from the standard input, without the newline at its end.

With --all it goes to every server in the registry, with --scope to every one of that project, and a line is printed for each. With
--json an object is printed: { "servers": [{ "id", "name", "sent", "answer" or "error": { "code", "message" } }] }.

The exit code is 0 when every server has taken it, and 1 when one has not.

Examples:
  wsyard send worker-a reload
  wsyard send worker-a '{"type":"ping"}' --expect pong   print the answer
  base64 logo.png | wsyard send worker-a - --binary base64
  wsyard send --all reload`

export function sendCommand(context: CommandContext): Command {
  const command = new Command('send')
    .usage('[options] <server> <message>\n       wsyard send [options] --all <message>')
    .argument('[server]', 'its id or name, as "wsyard ls" has it')
    .argument('[message]', 'what to send, or - for the standard input')
  return addTalkOptions(command)
    .option(
      '--timeout <seconds>',
      'how long it may take in all, the handshake too (default: 10)',
      readSeconds,
    )
    .option('--all', 'send to every server at once')
    .option('--json', 'print what became of it as JSON')
    .addHelpText('after', help)
    .action(
      (first: string | undefined, second: string | undefined, options: SendCommandOptions, self: Command) => {
        const isToAll = options.all === true
        const [key, text] = isToAll ? [undefined, first] : [first, second]
        if (isToAll && second !== undefined)
          self.error('error: --all names every server, so only the message may follow.')
        if (!isToAll && key === undefined) self.error("error: missing required argument 'server'")
        if (text === undefined) return self.error("error: missing required argument 'message'")
        return run(key, text, options, self, context)
      },
    )
}

async function run(
  /** Undefined: all. */
  key: string | undefined,
  text: string,
  options: SendCommandOptions,
  command: Command,
  { onWarning, exitWith }: CommandContext,
): Promise<void> {
  const {
    path = '',
    protocol: protocols = [],
    binary: notation,
    expect,
    timeout = defaultTimeoutMs,
  } = options
  const message = await readMessage(text, options, command)
  const delivery: Delivery = { path, protocols, message, expect, notation, timeoutMs: timeout }
  const { stdout } = process

  if (key !== undefined && options.json !== true) {
    const server = await lookUp(wantedServer(key, options.scope), onWarning)
    const answer = await deliver(server, delivery)
    say(`Sent to ${key === server.id ? '' : `${key}, `}${server.id} at port ${server.port}.`)
    if (answer !== undefined) stdout.write(`${stdout.isTTY ? harmless(answer) : answer}\n`)
    return
  }

  const servers =
    key === undefined
      ? await allServers(options.scope, onWarning)
      : [await lookUp(wantedServer(key, options.scope), onWarning)]
  const label = labelsOf(servers)
  const outcomes: Outcome[] = []
  for (const [server, delivered] of servers.map((one) => [one, tryToDeliver(one, delivery)] as const)) {
    const outcome = await delivered // in the order of the list, however soon each is done
    outcomes.push(outcome)
    if (options.json !== true) stdout.write(`${label(server)}  ${describe(outcome)}\n`)
  }
  if (options.json === true) stdout.write(`${harmlessJson({ servers: outcomes }, 2)}\n`)
  else if (servers.length === 0)
    say(`No server${options.scope === undefined ? '' : ' of that project'} runs, so nothing was sent.`)
  if (outcomes.some(({ sent }) => !sent)) exitWith(1)
}

async function readMessage(
  given: string,
  { binary: notation }: SendCommandOptions,
  command: Command,
): Promise<Message> {
  const text = given === '-' ? (await textOf(process.stdin)).replace(/\r?\n$/, '') : given
  if (notation === undefined) return text
  return (
    readBytes(text, notation) ?? command.error(`error: the message is not ${notation}, as --binary says.`)
  )
}

async function allServers(
  scope: string | undefined,
  onWarning: (warning: Error) => void,
): Promise<readonly Entry[]> {
  const servers = [...(await listServers(onWarning)).values()]
  if (scope === undefined) return servers
  const project = projectOf(scope)
  return servers.filter((server) => closeness(server.scope, project) > 0)
}

/** What to call each of several servers, all as wide: its name, with its id where another has that name too. */
function labelsOf(servers: readonly Entry[]): (server: Entry) => string {
  const isShared = (name: string): boolean => servers.filter((other) => other.name === name).length > 1
  const label = ({ id, name }: Entry): string => {
    if (name === undefined) return id
    return isShared(name) ? `${name} (${id})` : name
  }
  const width = Math.max(0, ...servers.map((server) => label(server).length))
  return (server) => label(server).padEnd(width)
}

function describe(outcome: Outcome): string {
  if (!outcome.sent) return harmlessLine(`failed: ${outcome.error.message}`)
  return outcome.answer === undefined ? 'sent' : harmlessLine(`answered: ${outcome.answer}`)
}
