/**
 * A whole conversation with a server, over one connection after the other if it may: sends messages, prints what comes, and knows when
 * it has ended and whether as it should.
 */
import { homedir } from 'node:os'
import type { Writable } from 'node:stream'
import { type Entry, reasonOf } from '../../core/index.js'
import { harmlessLine } from '../text/format-message.js'
import { formatWhere } from '../text/format-where.js'
import { conclude, type Ending } from './conclude.js'
import { type Closing, converse, isPassing } from './converse.js'
import type { Goal } from './goal.js'
import { type Message, type Notation, showMessage } from './notation.js'
import { createOutbox } from './outbox.js'
import type { Connection } from './reopen.js'
import type { FormatEvent, TalkEvent } from './talk-event.js'

export interface Talk {
  /** Open, and paused. */
  first: Connection
  /** Makes another connection after one that was lost, or undefined when it is aborted or none can be made. Without it a loss is the end. */
  again?: ((lost: Connection, signal: AbortSignal) => Promise<Connection | undefined>) | undefined
  /** Sent one after the other, as fast as the server takes them. */
  messages: AsyncIterable<Message> | Iterable<Message>
  /** Resolves when somebody who types has ended the messages, however many of them have been sent. */
  inputEnded: Promise<void>
  /** Whether it goes on when all has been sent, though nothing is waited for. */
  isEndless: boolean
  goal: Goal
  /** How long the goal is waited for, */
  timeoutMs: number | undefined
  /** and since when, by the clock of `performance.now()`. */
  startedAt: number
  /** Added to what there is to say of the end when the messages have ended before anything came. */
  silenceHint: string
  /** In what way bytes are compared with the goal. */
  notation: Notation | undefined
  /** Gets what `format` makes of each event, with a newline behind it. */
  output: Writable
  format: FormatEvent
  /** Lets something be printed where it does not disturb what is being typed. */
  above(print: () => void): void
  /** Says how things stand. */
  say(text: string): void
  /** What to call the server while it is not there. */
  label: string
  /** Ends it early when it is aborted. */
  signal: AbortSignal
}

/**
 * Resolves to what there is to say of the end.
 *
 * @throws {WsyardError} `WSYARD_ERR_CONNECTION_ENDED` when it ended before all was done, or otherwise than it should.
 */
export async function talk(options: Talk): Promise<string> {
  const { first, again, isEndless, goal, timeoutMs, notation, output, format, above, label, signal } = options
  const { startedAt, silenceHint } = options
  const outbox = createOutbox(options.messages)
  let ending: Ending | undefined
  let isWaiting = false // for another connection
  /** Lets go of what there is: a connection, or the attempt to make one. */
  let leave = (_isPatient: boolean): void => {}

  const finish = (next: Ending): void => {
    if (ending !== undefined && ending.isPatient !== true) return
    ending = next
    leave(next.isPatient === true)
  }
  const print = (event: TalkEvent): boolean => {
    const text = format(event)
    let hasRoom = true
    if (text !== undefined)
      above(() => {
        hasRoom = output.write(`${text}\n`)
      })
    return hasRoom
  }
  const onMessage = (message: Message): boolean => {
    if (ending !== undefined && ending.isPatient !== true) return true
    const hasRoom = print({ type: 'message', message })
    goal.hear(() => showMessage(message, notation))
    if (goal.isOver) finish({ isFine: goal.isReached, why: 'was ended' })
    return hasRoom
  }
  const hold = ({ socket }: Connection): Promise<Closing> => {
    const conversation = converse(socket, onMessage)
    leave = conversation.close
    if (ending !== undefined) leave(ending.isPatient === true)
    else outbox.use(socket)
    const resume = (): void => conversation.resume()
    output.on('drain', resume)
    return conversation.closed.finally(() => output.off('drain', resume))
  }
  const findAgain = (lost: Connection): Promise<Connection | undefined> | undefined => {
    const search = new AbortController()
    leave = () => search.abort()
    return again?.(lost, search.signal)
  }

  // Whoever read it has read enough, as `head` has. Any other reason is said by whoever owns the output, and makes the exit code.
  output.on('error', () => finish({ isFine: true }))
  signal.addEventListener('abort', () => {
    const isUnsent = outbox.isHeldUp
    const why = isUnsent ? 'was interrupted before all was sent' : 'was interrupted'
    finish({ isFine: !goal.isSet && !isUnsent, why })
  })
  const giveUp = (ms: number): void => finish({ isFine: false, why: `was given up after ${ms / 1000} s` })
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(giveUp, startedAt + timeoutMs - performance.now(), timeoutMs)
  void options.inputEnded.then(async () => {
    if ((await outbox.isHeldUpSoon()) && isWaiting && ending === undefined)
      options.say(`What has not been sent waits for ${label}. Ctrl+C ends it without that.`)
  })
  outbox.sent.then(
    () => {
      if (!isEndless && !goal.isSet) finish({ isFine: true, isPatient: true })
    },
    (error: unknown) => finish({ isFine: false, why: `was given up: ${reasonOf(error)}` }),
  )

  let connection = first
  let closing: Closing
  let isLost = false
  let place = placeOf(first.server)
  for (;;) {
    const { server, socket } = connection
    print({ type: 'open', id: server.id, port: server.port, protocol: socket.protocol })
    const speaking = socket.protocol === '' ? '' : `, speaking ${socket.protocol}`
    const whom = `${label === server.id ? '' : `${label}, `}${server.id} at port ${server.port}`
    const moved = placeOf(server) === place ? '' : `, in ${placeOf(server)}`
    options.say(`Connected ${connection === first ? '' : 'again '}to ${whom}${moved}${speaking}.`)
    place = placeOf(server)

    closing = await hold(connection)
    if (again === undefined || ending !== undefined || !isPassing(closing)) break
    print({ type: 'lost', reason: closing.how })
    options.say(`The connection ${closing.how}. It is made again as soon as ${label} is there.`)
    isWaiting = true
    const next = await findAgain(connection)
    isWaiting = false
    isLost = next === undefined
    if (next === undefined) break
    connection = next
  }
  clearTimeout(timer)
  print({ type: 'close', code: closing.code, reason: closing.reason })
  const isUnsent = !closing.isOurs && (await outbox.isHeldUpSoon())
  return conclude({ server: connection.server, ending, closing, isLost, isUnsent, goal, silenceHint })
}

/** Where it runs, for people. */
function placeOf(entry: Entry): string {
  return harmlessLine(formatWhere(entry, homedir()))
}
