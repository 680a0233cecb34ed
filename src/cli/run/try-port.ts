/**
 * Asks a port whether it accepts WebSockets, and puts into words what it does instead.
 */
import { connect } from 'node:net'
import { reasonOf } from '../../core/index.js'
import { shakeHands } from '../shake-hands.js'
import { harmlessLine } from '../text/format-message.js'
import { refusalOf } from '../text/refusal-of.js'

export interface PortQuestion {
  /** An address of this machine. */
  readonly host: string
  readonly port: number
  /** With the query, if there is one. */
  readonly path: string
  /** The subprotocols to offer. */
  readonly protocols: readonly string[]
}

/** A server on this machine answers in milliseconds; one that takes this long is not going to. */
const patienceMs = 5000

const switchingProtocols = 101

/** What came instead of a WebSocket. */
export interface Unanswered {
  /** A half sentence with a dot. */
  readonly reason: string
  /** The status of the answer over HTTP, if there was one. */
  readonly status: number | null
}

/** Resolves to undefined when it does. Never rejects. */
export async function tryPort(
  { host, port, path, protocols }: PortQuestion,
  signal: AbortSignal,
): Promise<Unanswered | undefined> {
  const deadline = AbortSignal.timeout(patienceMs)
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const socket = connect({ host, port })
  try {
    const handshake = { socket, authority, path, protocols }
    const answer = await shakeHands(handshake, AbortSignal.any([signal, deadline]))
    if (answer === 'accepted') return undefined
    if (answer === 'mistaken')
      return { reason: 'answers with 101, but not to this handshake.', status: switchingProtocols }
    const reason = `answers ${await refusalOf(answer)}`
    socket.destroy()
    return { reason, status: answer.statusCode ?? null }
  } catch (error) {
    const silent = `has not answered within ${patienceMs / 1000} s. Is it another --protocol, as vite-hmr is that of Vite?`
    const why = `does not answer as a WebSocket server does: ${harmlessLine(reasonOf(error))}.`
    return { reason: deadline.aborted ? silent : why, status: null }
  }
}
