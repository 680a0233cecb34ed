/**
 * Asks a port whether it accepts WebSockets, by an opening handshake (RFC 6455, section 4), and takes its leave at once.
 */
import { createHash, randomBytes } from 'node:crypto'
import { type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { reasonOf } from '../../core/index.js'
import { harmlessLine } from '../text/format-message.js'
import { refusalOf } from '../text/refusal-of.js'

export interface HandshakeOptions {
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

/** How long the other side has for its part of the leave. */
const leaveMs = 1000

/** Close without a code, masked by zeros. */
const closeFrame = Buffer.from([0x88, 0x80, 0, 0, 0, 0])

/** Resolves to undefined when it is accepted, else to what came instead, as a half sentence with a dot. Never rejects. */
export function shakeHands(
  { host, port, path, protocols }: HandshakeOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const deadline = AbortSignal.timeout(patienceMs)
  const key = randomBytes(16).toString('base64')
  return new Promise((resolve) => {
    const asking = request({
      host,
      port,
      path,
      agent: false,
      signal: AbortSignal.any([signal, deadline]),
      headers: {
        host: `${host.includes(':') ? `[${host}]` : host}:${port}`,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': key,
        ...(protocols.length > 0 && { 'sec-websocket-protocol': protocols.join(', ') }),
      },
    })
    asking.once('upgrade', (response, socket) => {
      takeLeave(socket)
      resolve(isAcceptance(response, key) ? undefined : 'answers with 101, but not to this handshake.')
    })
    asking.once('response', (response) => {
      void refusalOf(response).then((refusal) => {
        asking.destroy()
        resolve(`answers ${refusal}`)
      })
    })
    asking.on('error', (error) => {
      const silent = `has not answered within ${patienceMs / 1000} s.`
      const why = `does not answer as a WebSocket server does: ${harmlessLine(reasonOf(error))}.`
      resolve(deadline.aborted ? silent : why)
    })
    asking.end()
  })
}

function isAcceptance({ headers }: IncomingMessage, key: string): boolean {
  const digest = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  return headers['sec-websocket-accept'] === digest && headers.upgrade?.toLowerCase() === 'websocket'
}

/** Closes as a client does that has nothing to say, for servers that log it as an error when one is just gone. */
function takeLeave(socket: Duplex): void {
  socket.on('error', () => {})
  socket.resume()
  socket.end(closeFrame)
  const cut = setTimeout(() => socket.destroy(), leaveMs)
  socket.once('close', () => clearTimeout(cut))
}
