/**
 * Asks whether a WebSocket is accepted, by an opening handshake (RFC 6455, section 4), and takes its leave at once where it is.
 */
import { createHash, randomBytes } from 'node:crypto'
import { type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { defined } from '../core/index.js'

export interface Handshake {
  /** Connected, or about to be. It is ended with the question. */
  readonly socket: Socket
  /** Address and port, as they stand in `Host`. */
  readonly authority: string
  /** With the query, if there is one. */
  readonly path: string
  /** The subprotocols to offer. */
  readonly protocols?: readonly string[]
  /** Of the page on whose behalf is asked; undefined for a program. */
  readonly origin?: string
}

/** How long the other side has for its part of the leave. */
const leaveMs = 1000

/** Close without a code, masked by zeros. */
const closeFrame = Buffer.from([0x88, 0x80, 0, 0, 0, 0])

/**
 * Resolves to `'accepted'`; to `'mistaken'` where 101 is answered, but not to this handshake; or else to the answer, with which the caller
 * destroys the socket once it has read it. Rejects when there is none.
 */
export function shakeHands(
  { socket, authority, path, protocols = [], origin }: Handshake,
  signal: AbortSignal,
): Promise<'accepted' | 'mistaken' | IncomingMessage> {
  const key = randomBytes(16).toString('base64')
  return new Promise((resolve, reject) => {
    const asking = request({
      createConnection: () => socket,
      path,
      signal,
      headers: {
        host: authority,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': key,
        ...defined({ origin }),
        ...(protocols.length > 0 && { 'sec-websocket-protocol': protocols.join(', ') }),
      },
    })
    asking.once('upgrade', (response, upgraded) => {
      takeLeave(upgraded)
      resolve(isAcceptance(response, key) ? 'accepted' : 'mistaken')
    })
    asking.once('response', resolve)
    asking.on('error', (error) => {
      socket.on('error', () => {}).destroy() // which it may not have come to yet
      reject(error)
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
