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

/** Resolves to undefined when it does, else to what came instead, as a half sentence with a dot. Never rejects. */
export async function tryPort(
  { host, port, path, protocols }: PortQuestion,
  signal: AbortSignal,
): Promise<string | undefined> {
  const deadline = AbortSignal.timeout(patienceMs)
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const socket = connect({ host, port })
  try {
    const handshake = { socket, authority, path, protocols }
    const answer = await shakeHands(handshake, AbortSignal.any([signal, deadline]))
    if (answer === 'accepted') return undefined
    if (answer === 'mistaken') return 'answers with 101, but not to this handshake.'
    const refusal = await refusalOf(answer)
    socket.destroy()
    return `answers ${refusal}`
  } catch (error) {
    const silent = `has not answered within ${patienceMs / 1000} s.`
    const why = `does not answer as a WebSocket server does: ${harmlessLine(reasonOf(error))}.`
    return deadline.aborted ? silent : why
  }
}
