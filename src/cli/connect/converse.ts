/**
 * What goes over one open WebSocket: hands on what comes, closes it, and says how it ended.
 */
import type { RawData, WebSocket } from 'ws'
import { harmlessLine } from '../text/format-message.js'
import type { Message } from './notation.js'

export interface Conversation {
  /** How it has ended. */
  readonly closed: Promise<Closing>
  /**
   * Ends it with 1000. What the server still sends is handed on until it has answered.
   *
   * @param isPatient waits for its answer as long as it takes, and not just a second
   */
  close(isPatient: boolean): void
  /** Lets go on what `onMessage` has stopped. */
  resume(): void
}

export interface Closing {
  readonly code: number
  readonly reason: string
  /** Whether this side closed it first. */
  readonly isOurs: boolean
  /** In words, to go on after "the connection". */
  readonly how: string
}

/** How long a server has to answer the close of somebody who does not want to wait. */
const impatienceMs = 1000

/** The code of a WebSocket that ended without a close. */
const lost = 1006

/** The codes of one that was closed as it should be: in so many words, or without a code. */
const fine = [1000, 1005]

/** Those with which a server goes that will be back, or another one in its place (RFC 6455 and what is registered beside it). */
const passing = [1001, lost, 1011, 1012, 1013, 1014]

export function isFine({ code }: Closing): boolean {
  return fine.includes(code)
}

/** Whether it makes sense to connect again. */
export function isPassing({ code }: Closing): boolean {
  return passing.includes(code)
}

/**
 * Takes a socket that is open and paused.
 *
 * @param onMessage hears of each message; when it returns false, nothing more is read until `resume`
 */
export function converse(socket: WebSocket, onMessage: (message: Message) => boolean): Conversation {
  let isOurs = false
  let failure: string | undefined
  socket.on('error', ({ message }) => {
    failure ??= harmlessLine(message)
  })
  socket.on('message', (data, isBinary) => {
    const bytes = bytesOf(data)
    const hasRoom = onMessage(isBinary ? bytes : bytes.toString())
    if (!hasRoom && socket.readyState === socket.OPEN) socket.pause()
  })
  const closed = new Promise<Closing>((resolve) => {
    socket.once('close', (code, buffer) => {
      const reason = buffer.toString()
      const by = code === lost ? 'was lost' : `was closed by the server with ${code}`
      const why = failure ?? harmlessLine(reason)
      resolve({ code, reason, isOurs, how: why === '' ? by : `${by}: ${why}` })
    })
  })
  socket.resume()
  return {
    closed,
    close(isPatient) {
      isOurs ||= socket.readyState === socket.OPEN
      socket.resume() // what keeps the output waiting would keep the server's close waiting
      socket.close(1000)
      if (!isPatient) setTimeout(() => socket.terminate(), impatienceMs).unref()
    },
    resume: () => socket.resume(),
  }
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}
