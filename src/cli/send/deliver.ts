/**
 * Sends one message to one server, and makes sure that it was taken.
 */
import { type Entry, reasonOf, WsyardError } from '../../core/index.js'
import { converse, isFine } from '../connect/converse.js'
import { type Message, type Notation, showMessage } from '../connect/notation.js'
import { openSocket, type SocketOptions } from '../connect/open-socket.js'
import { describeServer } from '../text/describe-server.js'

export interface Delivery extends SocketOptions {
  message: Message
  /** What an answer has to match that is waited for. */
  expect: RegExp | undefined
  /** In what way binary answers are compared with that, and given back. */
  notation: Notation | undefined
  /** How long all of it may take: the handshake, and until the server has answered or confirmed that it has taken the message. */
  timeoutMs: number
}

/**
 * Resolves when the server has answered the close that was sent behind the message, so that it must have read it; or when it has
 * answered as expected, to that answer.
 *
 * @throws {WsyardError} `WSYARD_ERR_SERVER_UNREACHABLE`, `WSYARD_ERR_CONNECTION_ENDED`.
 */
export async function deliver(server: Entry, delivery: Delivery): Promise<string | undefined> {
  const { message, expect, notation, timeoutMs } = delivery
  const startedAt = performance.now()
  const socket = await openSocket(server, { ...delivery, limitMs: timeoutMs })
  let answer: string | undefined
  let isLate = false
  const conversation = converse(socket, (heard) => {
    if (answer !== undefined || expect === undefined) return true
    const text = showMessage(heard, notation)
    if (!expect.test(text)) return true
    answer = text
    conversation.close(false)
    return true
  })
  socket.send(message, () => {
    if (expect === undefined) conversation.close(true)
  })
  const timer = setTimeout(
    () => {
      isLate = true
      socket.terminate()
    },
    startedAt + timeoutMs - performance.now(),
  )
  const closing = await conversation.closed
  clearTimeout(timer)
  if (answer !== undefined || (expect === undefined && isFine(closing))) return answer

  const { id } = server
  const whom = describeServer(server)
  const fail = (text: string): WsyardError => new WsyardError('WSYARD_ERR_CONNECTION_ENDED', text, { id })
  const limit = `within ${timeoutMs / 1000} s`
  if (expect === undefined)
    throw fail(
      isLate
        ? `The server ${whom} did not confirm ${limit} that it has taken the message. Is it busy, or stopped?`
        : `The connection to ${whom} ${closing.how}: whether the message was taken is not known.`,
    )
  throw fail(
    isLate
      ? `The server ${whom} sent nothing ${limit} that matches ${expect}.`
      : `The connection to ${whom} ${closing.how}, before anything came that matches ${expect}.`,
  )
}

/** What became of a message to one server, in the form that `--json` prints. */
export type Outcome =
  | { readonly id: string; readonly name?: string; readonly sent: true; readonly answer?: string }
  | {
      readonly id: string
      readonly name?: string
      readonly sent: false
      readonly error: { readonly code: string; readonly message: string }
    }

/** As an outcome, whatever it is. */
export async function tryToDeliver(server: Entry, delivery: Delivery): Promise<Outcome> {
  const { id, name } = server
  const whom = name === undefined ? { id } : { id, name }
  try {
    const answer = await deliver(server, delivery)
    return answer === undefined ? { ...whom, sent: true } : { ...whom, sent: true, answer }
  } catch (error) {
    const code = error instanceof WsyardError ? error.code : 'WSYARD_ERR_CONNECTION_ENDED'
    return { ...whom, sent: false, error: { code, message: reasonOf(error) } }
  }
}
