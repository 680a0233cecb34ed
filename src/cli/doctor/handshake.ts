/**
 * Asks a server for a WebSocket as a page or a program would, and takes its leave at once: what it says to that tells who may come in.
 */
import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { defined } from '../../core/index.js'
import { type Answer, readAnswer } from './answer.js'

export interface Handshake {
  /** Address and port, as they stand in `Host`. */
  readonly authority: string
  readonly path: string
  /** Of the page on whose behalf is asked; undefined for a program. */
  readonly origin?: string | undefined
}

/** How long the other side has for its part of the leave. */
const leaveMs = 1000

/** Close without a code, masked by zeros. */
const closeFrame = Buffer.from([0x88, 0x80, 0, 0, 0, 0])

/** Resolves to the answer, which is 101 where the handshake is accepted. Rejects when there is none. Ends the socket. */
export function shakeHands(
  socket: Socket,
  { authority, path, origin }: Handshake,
  signal: AbortSignal,
): Promise<Answer> {
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
        'sec-websocket-key': randomBytes(16).toString('base64'),
        ...defined({ origin }),
      },
    })
    asking.once('upgrade', (_response, upgraded) => {
      upgraded.on('error', () => {})
      upgraded.resume()
      upgraded.end(closeFrame)
      const cut = setTimeout(() => upgraded.destroy(), leaveMs)
      upgraded.once('close', () => clearTimeout(cut))
      resolve({ status: 101 })
    })
    asking.once('response', (response) => {
      void readAnswer(response).then((answer) => {
        socket.destroy()
        resolve(answer)
      })
    })
    asking.once('error', reject)
    asking.end()
  })
}
