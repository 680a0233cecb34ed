/**
 * Opens a WebSocket to a server, straight and with its token, or says why there is none. What is said over it is `converse.ts`.
 */
import type { WebSocket } from 'ws'
import { type Entry, reasonOf, WsyardError } from '../core/index.js'
import { isWithinReach, reach } from '../registry/index.js'
import { harmlessLine } from './format-message.js'
import { refusalOf } from './refusal-of.js'

export interface SocketOptions {
  /** With the query, if there is one. */
  path: string
  protocols: readonly string[]
}

/** A server on this machine answers in milliseconds; one that takes this long is not going to. */
const handshakeMs = 5000

/**
 * Resolves to an open socket that is paused, so that whoever listens to it misses nothing.
 *
 * @throws {WsyardError} `WSYARD_ERR_SERVER_UNREACHABLE`.
 */
export async function openSocket(server: Entry, { path, protocols }: SocketOptions): Promise<WebSocket> {
  const { id, port, host = 'localhost', pid, token } = server
  const what = `The server "${id}" at port ${port}`
  const unreachable = (message: string, cause?: unknown): WsyardError =>
    new WsyardError('WSYARD_ERR_SERVER_UNREACHABLE', `${what} ${message}`, { id, cause })
  if (!isWithinReach(server))
    throw unreachable(`is not dialled at ${host}: it is not of this machine. Connect from where it runs.`)
  const deadline = AbortSignal.timeout(handshakeMs)
  const fail = (how: string, cause: unknown): WsyardError => {
    const silent = `did not answer the handshake within ${handshakeMs / 1000} s. Is it busy, or stopped?`
    return unreachable(deadline.aborted ? silent : `${how}: ${harmlessLine(reasonOf(cause))}.`, cause)
  }
  const reached = await reach(server, deadline).catch((cause: unknown) => {
    throw fail('cannot be reached', cause)
  })
  if (reached === undefined)
    throw unreachable(
      `is not the registered process ${pid} any more: another one listens there, and was sent nothing. Restart the server.`,
    )

  const { WebSocket } = await import('ws')
  const socket = new WebSocket(`ws://${reached.authority}${path}`, [...protocols], {
    createConnection: () => reached.socket,
    headers: token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` },
    perMessageDeflate: false,
  })
  const giveUp = (): void => socket.terminate()
  deadline.addEventListener('abort', giveUp)
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void => reject(fail('does not answer as a WebSocket server does', cause))
    socket.on('error', onError)
    socket.once('open', () => {
      deadline.removeEventListener('abort', giveUp)
      socket.pause()
      socket.off('error', onError)
      resolve(socket)
    })
    socket.once('unexpected-response', (_request, response) => {
      socket.off('error', onError).on('error', () => {}) // it is over, however the answer ends
      void refusalOf(response).then((refusal) => {
        reached.socket.destroy() // which the server may keep open for another request
        reject(unreachable(`refused the WebSocket ${refusal}`))
      })
    })
  })
}
