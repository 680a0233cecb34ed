/**
 * Opens a WebSocket to a server, straight and with its token, or says why there is none. What is said over it is `converse.ts`.
 */
import type { WebSocket } from 'ws'
import { type Entry, lacksKey, pathOf, reasonOf } from '../../core/index.js'
import { harmlessLine } from '../text/format-message.js'
import { refusalOf } from '../text/refusal-of.js'
import { dial, unreachable } from './dial.js'

export interface SocketOptions {
  /** In place of the server's own path; or only a query, which is added to that. */
  path: string
  protocols: readonly string[]
  /** How long it may take, where that is less than any server is given. */
  limitMs?: number | undefined
  /** The longest message that is taken, in bytes; a longer one ends the connection with 1009. @default 100 MiB, as `ws` has it */
  maxPayloadBytes?: number
}

/** A server on this machine answers in milliseconds; one that takes this long is not going to. */
const handshakeMs = 5000

/**
 * Resolves to an open socket that is paused, so that whoever listens to it misses nothing.
 *
 * @param signal gives it up when it is aborted
 * @throws {WsyardError} `WSYARD_ERR_SERVER_UNREACHABLE`.
 */
export async function openSocket(
  server: Entry,
  options: SocketOptions,
  signal?: AbortSignal,
): Promise<WebSocket> {
  const end = new AbortController()
  const limitMs = Math.min(options.limitMs ?? handshakeMs, handshakeMs)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    end.abort()
  }, limitMs)
  const giveUp = (): void => end.abort()
  signal?.addEventListener('abort', giveUp)
  if (signal?.aborted) giveUp()
  try {
    return await open(server, options, end.signal)
  } catch (cause) {
    const silent = `did not answer the handshake within ${limitMs / 1000} s. Is it busy, or stopped?`
    throw isLate ? unreachable(server, silent, cause) : cause
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
}

async function open(
  server: Entry,
  { path, protocols, maxPayloadBytes }: SocketOptions,
  signal: AbortSignal,
): Promise<WebSocket> {
  const reached = await dial(server, signal)
  const { WebSocket } = await import('ws')
  const { token } = server
  const socket = new WebSocket(`ws://${reached.authority}${pathOf(server, path)}`, [...protocols], {
    createConnection: () => reached.socket,
    headers: token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` },
    perMessageDeflate: false,
    ...(maxPayloadBytes !== undefined && { maxPayload: maxPayloadBytes }),
  })
  const giveUp = (): void => socket.terminate()
  signal.addEventListener('abort', giveUp)
  if (signal.aborted) giveUp()
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void => {
      const what = `does not answer as a WebSocket server does: ${harmlessLine(reasonOf(cause))}.`
      reject(unreachable(server, what, cause))
    }
    socket.on('error', onError)
    socket.once('open', () => {
      signal.removeEventListener('abort', giveUp)
      socket.pause()
      socket.off('error', onError)
      resolve(socket)
    })
    socket.once('unexpected-response', (_request, response) => {
      socket.off('error', onError).on('error', () => {}) // it is over, however the answer ends
      void refusalOf(response).then((refusal) => {
        reached.socket.destroy() // which the server may keep open for another request
        const isKeyNeeded = response.statusCode === 401 && lacksKey(server)
        reject(unreachable(server, isKeyNeeded ? keyNeeded : `refused the WebSocket ${refusal}`))
      })
    })
  })
}

const keyNeeded =
  'asks for its token, which cannot be read here: give, in the URL of the registry, the secret-file that the server has.'
