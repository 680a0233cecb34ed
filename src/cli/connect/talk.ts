/**
 * A whole conversation with a server, over one connection after the other if it may: sends messages, prints what comes, and knows when
 * it has ended and whether as it should.
 */
import type { Writable } from 'node:stream'
import { reasonOf, WsyardError } from '../../core/index.js'
import { type Closing, converse, isFine, isPassing } from './converse.js'
import type { Goal } from './goal.js'
import { type Message, type Notation, showMessage } from './notation.js'
import { createOutbox } from './outbox.js'
import type { Connection } from './reopen.js'
import type { FormatEvent, TalkEvent } from './talk-event.js'

export interface Talk {
  /** Open, and paused. */
  first: Connection
  /** Makes another connection after one that was lost, or undefined when it is aborted. Without it a loss is the end. */
  again?: ((lost: Connection, signal: AbortSignal) => Promise<Connection | undefined>) | undefined
  /** Sent one after the other, as fast as the server takes them. */
  messages: AsyncIterable<Message> | Iterable<Message>
  /** Whether it goes on when all has been sent, though nothing is waited for. */
  isEndless: boolean
  goal: Goal
  /** How long the goal is waited for. */
  timeoutMs: number | undefined
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

/** Why this side ends it. */
interface Ending {
  readonly isFine: boolean
  /** Whether what the server still sends is waited for. */
  readonly isPatient?: boolean
  /** To go on after "the connection". */
  readonly why?: string
}

/**
 * Resolves to what there is to say of the end.
 *
 * @throws {WsyardError} `WSYARD_ERR_CONNECTION_ENDED` when it ended before all was done, or otherwise than it should.
 */
export async function talk(options: Talk): Promise<string> {
  const { first, again, isEndless, goal, timeoutMs, notation, output, format, above, label, signal } = options
  const outbox = createOutbox(options.messages)
  let ending: Ending | undefined
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
    goal.hear(showMessage(message, notation))
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

  output.on('error', () => finish({ isFine: true })) // whoever read it has read enough, as `head` has
  signal.addEventListener('abort', () => {
    const isUnsent = outbox.isHeldUp
    const why = isUnsent ? 'was interrupted before all was sent' : 'was interrupted'
    finish({ isFine: !goal.isSet && !isUnsent, why })
  })
  const giveUp = (ms: number): void => finish({ isFine: false, why: `was given up after ${ms / 1000} s` })
  const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs, timeoutMs)
  outbox.sent.then(
    () => {
      if (!isEndless && !goal.isSet) finish({ isFine: true, isPatient: true })
    },
    (error: unknown) => finish({ isFine: false, why: `was given up: ${reasonOf(error)}` }),
  )

  let connection = first
  let closing: Closing | undefined
  for (;;) {
    const { id, port } = connection.server
    const { protocol } = connection.socket
    print({ type: 'open', id, port, protocol })
    const speaking = protocol === '' ? '' : `, speaking ${protocol}`
    const whom = `${label === id ? '' : `${label}, `}${id} at port ${port}`
    options.say(`Connected ${connection === first ? '' : 'again '}to ${whom}${speaking}.`)

    closing = await hold(connection)
    if (again === undefined || ending !== undefined || !isPassing(closing)) {
      print({ type: 'close', code: closing.code, reason: closing.reason })
      break
    }
    print({ type: 'lost', reason: closing.how })
    options.say(`The connection ${closing.how}. It is made again as soon as ${label} is there.`)
    const next = await findAgain(connection)
    closing = undefined
    if (next === undefined) break
    connection = next
  }
  clearTimeout(timer)
  return conclude(connection.server.id, ending, closing, goal)
}

/** What there is to say of the end, given why this side ended it, if it did, and how the last connection ended, if there was one. */
function conclude(id: string, ending: Ending | undefined, closing: Closing | undefined, goal: Goal): string {
  const isDecided = ending !== undefined && ending.isPatient !== true
  const isGood = isDecided
    ? ending.isFine
    : (closing === undefined || isFine(closing)) && !(goal.isSet && !goal.isReached)
  const how = closing?.how ?? 'was lost'
  if (isGood) return closing?.isOurs === false ? `The connection ${how}.` : 'Closed.'
  const message = `The connection to "${id}" ${ending?.why ?? how}${goal.describeMissing()}.`
  throw new WsyardError('WSYARD_ERR_CONNECTION_ENDED', message, { id })
}
