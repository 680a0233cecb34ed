/**
 * Dials a server for the relay and passes the handshake on, within a time limit. What may be dialled has been decided.
 */
import { type IncomingMessage, request as sendRequest } from 'node:http'
import type { Socket } from 'node:net'
import { type Entry, lacksKey, type Refusal, type RefusalCode, reasonOf } from '../core/index.js'
import { type Networks, reach } from '../registry/index.js'

/** A server on this machine answers in milliseconds; one that takes this long is not going to. */
const handshakeMs = 5000

/** The largest head of an answer. */
const maxHeadBytes = 16 * 1024

export interface Dialled {
  readonly answer: IncomingMessage
  readonly socket: Socket
  /** What the server has sent behind its answer. */
  readonly head: Buffer
}

export interface DialOptions {
  readonly entry: Entry
  /** Whose machines may be dialled besides this one. */
  readonly networks: Networks
  readonly path: string
  headers(authority: string): string[]
  /** Given up when it is aborted, as it also is when the time is over. */
  readonly giveUp: AbortController
}

/** Why a server was not reached, as an error. */
export class DialError extends Error {
  readonly refusal: Refusal

  constructor(code: RefusalCode, message: string) {
    super(message)
    this.refusal = { code, message }
  }
}

/**
 * Resolves when the server has answered with an upgrade, which may still be a wrong one.
 *
 * @throws {DialError} when it has not; nothing is left open then.
 */
export async function dial(options: DialOptions): Promise<Dialled> {
  const { entry, networks, giveUp } = options
  const what = `The server "${entry.id}" at port ${entry.port}`
  let isLate = false
  const limit = setTimeout(() => {
    isLate = true
    giveUp.abort()
  }, handshakeMs)
  let socket: Socket | undefined
  try {
    const reached = await reach(entry, giveUp.signal, networks)
    if (reached === undefined) {
      const message = `${what} is not the registered process ${entry.pid} any more: another one listens there, and was sent nothing. Restart the server.`
      throw new DialError('SERVER_REPLACED', message)
    }
    socket = reached.socket
    return await passOn(options, socket, reached.authority)
  } catch (error) {
    socket?.destroy()
    if (error instanceof DialError) throw error
    if (isLate) {
      const message = `${what} did not answer the handshake within ${handshakeMs / 1000} s. Is it busy, or stopped?`
      throw new DialError('SERVER_SILENT', message)
    }
    if (isNonsense(error)) {
      throw new DialError('SERVER_ANSWER', `${what} does not speak HTTP: ${reasonOf(error)}.`)
    }
    const message = `${what} cannot be reached: ${reasonOf(error)}. Is it still running?`
    throw new DialError('SERVER_REFUSED', message)
  } finally {
    clearTimeout(limit)
  }
}

function passOn(
  { entry, path, headers, giveUp: { signal } }: DialOptions,
  socket: Socket,
  authority: string,
): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    const request = sendRequest({
      method: 'GET',
      path,
      headers: headers(authority),
      setHost: false,
      createConnection: () => socket,
      maxHeaderSize: maxHeadBytes,
      signal,
    })
    request.on('upgrade', (answer, upgraded: Socket, head) => resolve({ answer, socket: upgraded, head }))
    request.on('response', ({ statusCode, statusMessage }) => {
      const answered = `${statusCode} ${statusMessage}`.trim()
      const message = `The server at ${authority} answered the handshake with ${answered}.`
      const hint = statusCode === 401 && lacksKey(entry) ? keyNeeded : ''
      reject(new DialError('SERVER_ANSWER', message + hint))
    })
    request.on('error', reject)
    request.end()
  })
}

const keyNeeded =
  ' This hub cannot read its token: give it, in the URL of the registry, the secret-file that the server has.'

/** Whether it is the parser of HTTP that gave up. */
function isNonsense(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('HPE_')
}
