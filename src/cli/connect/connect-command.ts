/**
 * `wsyard connect`: its options, and what they make of a conversation.
 */
import { Command } from 'commander'
import type { CommandContext } from '../commands.js'
import { lookUp, wantedServer } from '../find-server.js'
import { harmlessLine } from '../text/format-message.js'
import { say } from '../text/say.js'
import { createGoal } from './goal.js'
import { givenInput, type InputOptions, standardInput } from './input.js'
import { type Message, type Notation, readBytes } from './notation.js'
import { addTalkOptions, defaultTimeoutMs, readCount, readSeconds, type TalkOptions } from './options.js'
import { openFirst, reopen } from './reopen.js'
import { isForOneRun, successorOf } from './successor.js'
import { talk } from './talk.js'
import { createTextFormat, formatAsJson } from './talk-event.js'

interface ConnectCommandOptions extends TalkOptions {
  send?: readonly string[]
  count?: number
  listen?: boolean
  reconnect?: boolean
}

const help = `
What the server sends goes to the standard output, binary messages as lines of hex; all else goes to the error output. In a terminal
each line that is typed is a message, arrow up calls back earlier ones, Ctrl+D or Ctrl+C ends it, and of a long binary message the first
64 KiB are shown.

A connection that is made again is one to a server of the same name and project. What was on its way when a connection was lost may not
have arrived; what is typed until it is back is sent then. A server that closes with 1000 or a code of its own has ended it.

The end of an input is the end of the conversation, and no answer is waited for without --count or --expect. --send waits for as many
answers as there are messages, up to --timeout.

With --json each line is an object: {"type":"open","id":…,"port":…,"protocol":…} for each connection, {"type":"message","data":…} for a
text, {"type":"message","base64":…} for a binary message, {"type":"lost","reason":…} when it is made again, and in the end
{"type":"close","code":…,"reason":…}, which says how the last connection ended.

The exit code is 0 when it ended as it was meant to, and 1 when it did not, as when the server left before all was sent.

Examples:
  wsyard connect worker-a                            talk
  wsyard connect worker-a --send ping                one message, one answer
  wsyard connect worker-a --count 3 < questions.txt  each line a message, until three answers have come
  wsyard connect worker-a --listen --expect ready    print what comes until it is ready, across restarts
  wsyard connect worker-a --listen --json | jq -r '.data // empty'`

export function connectCommand({ onWarning }: CommandContext): Command {
  const command = new Command('connect').argument(
    '<server>',
    'its id or name, as "wsyard ls" has it; of several with one name that of this project, and of those the newest',
  )
  return addTalkOptions(command)
    .option('--send <text>', 'send this instead of the input; may be given several times', collect)
    .option(
      '--count <n>',
      'end after so many messages have come (default: as many as --send, if it is there)',
      readCount,
    )
    .option(
      '--timeout <seconds>',
      'how long it may take until they have come (default: 10 with --send or --expect)',
      readSeconds,
    )
    .option('--listen', 'read no input, print what comes until Ctrl+C, and connect again when it is lost')
    .option(
      '--reconnect',
      'connect again when the connection is lost or the server restarts, as in a terminal and with --listen',
    )
    .option('--json', 'print every event as a line of JSON')
    .addHelpText('after', help)
    .action((key: string, options: ConnectCommandOptions, self: Command) =>
      run(key, readMessages(options, self), options, onWarning),
    )
}

async function run(
  key: string,
  given: readonly Message[] | undefined,
  options: ConnectCommandOptions,
  onWarning: (warning: Error) => void,
): Promise<void> {
  const { path = '', protocol: protocols = [], binary: notation, expect, listen = false, json } = options
  const isOneByOne = given !== undefined && expect === undefined && !listen
  const count = options.count ?? (isOneByOne ? given.length : undefined)
  const { stdout, stdin } = process

  const timeoutMs = options.timeout ?? (isOneByOne || expect ? defaultTimeoutMs : undefined)

  const server = await lookUp(wantedServer(key, options.scope), onWarning)
  const startedAt = performance.now()
  const first = await openFirst(server, { path, protocols, limitMs: timeoutMs })
  const interruption = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => interruption.abort()) // the second one ends the process
  }
  const inputOptions: InputOptions = { notation, say, onWarning }
  const input = given || listen ? givenInput(given ?? []) : standardInput(inputOptions)
  const sayAbove = (text: string): void => input.above(() => say(text))
  const isFollowing = options.reconnect === true || listen || (given === undefined && stdin.isTTY)
  const reopening = {
    path,
    protocols,
    find: successorOf(server, key),
    canComeBack: !isForOneRun(server),
    say: sayAbove,
    onWarning: (warning: Error) => input.above(() => onWarning(warning)),
  }
  try {
    const end = talk({
      first,
      again: isFollowing ? (lost, signal) => reopen(lost, reopening, signal) : undefined,
      messages: input.messages,
      inputEnded: input.ended,
      isEndless: listen,
      goal: createGoal({ count, expect }),
      timeoutMs,
      startedAt,
      silenceHint: input.isPiped ? ' Nothing had come by then: add --count 1 to wait for an answer.' : '',
      notation,
      output: stdout,
      format: json === true ? formatAsJson : createTextFormat(notation, stdout.isTTY),
      above: input.above,
      say: sayAbove,
      label: harmlessLine(server.name ?? server.id),
      signal: interruption.signal,
    })
    interruption.signal.addEventListener('abort', input.close) // a second signal must not find the terminal in its hands
    input.start()
    sayAbove(await end)
  } finally {
    input.close()
  }
}

/** What is sent in place of the input, if that is given. Ends with what is wrong with how the options go together. */
function readMessages(
  { send, binary, timeout, count, expect }: ConnectCommandOptions,
  command: Command,
): readonly Message[] | undefined {
  if (timeout !== undefined && (send ?? count ?? expect) === undefined)
    command.error('error: --timeout says how long to wait for --count or --expect. Give one of them, too.')
  return send?.map((text) => toMessage(text, binary, command))
}

function toMessage(text: string, notation: Notation | undefined, command: Command): Message {
  const message = notation === undefined ? text : readBytes(text, notation)
  return message ?? command.error(`error: "${text}" is not ${notation}, as --binary says.`)
}

function collect(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text]
}
