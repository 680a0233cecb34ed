/**
 * One WebSocket to a server as an agent uses it: what comes is kept until it is read. How it was opened is `open-socket.ts`.
 */
import type { RawData, WebSocket } from 'ws'
import { type Entry, WsyardError } from '../../core/index.js'
import { harmlessLine } from '../text/format-message.js'
import { createInbox, type ReadMessage } from './inbox.js'
import { maxMessageBytes, maxUnreadBytes } from './limits.js'
import { createWaiters } from './waiters.js'

/** How a connection ended. */
export interface Closing {
  readonly code: number
  readonly reason: string
}

/** What one read returns. */
export interface Reading {
  readonly messages: readonly ReadMessage[]
  /** How many have been dropped unread since the last reading. */
  readonly dropped: number
  /** How many are left for the next one. */
  readonly unread: number
}

export interface ReadOptions {
  messages: number
  bytes: number
  waitMs: number
  /** Ends the wait; nothing is taken then. */
  signal: AbortSignal
}

export interface Connection {
  readonly server: Entry
  /** The subprotocol that the server has chosen, or an empty text. */
  readonly protocol: string
  /** Undefined while it is open. */
  readonly closing: Closing | undefined
  readonly unread: number
  /** @throws {WsyardError} when it has ended, or the server takes nothing. */
  send(message: string | Uint8Array): void
  /** Waits for one message at least. */
  read(options: ReadOptions): Promise<Reading>
  /** Resolves when it is closed; a server that does not answer the close is cut off. */
  close(): Promise<Closing>
}

/** How long a server has to answer the close. */
const impatienceMs = 1000

/** @param socket open and paused */
export function createConnection(socket: WebSocket, server: Entry): Connection {
  const inbox = createInbox(maxUnreadBytes)
  const waiters = createWaiters()
  let closing: Closing | undefined
  /** Why it was lost, if this side knows. */
  let why = ''

  socket.on('message', (data, isBinary) => {
    inbox.add({ bytes: bytesOf(data), isBinary })
    waiters.wake()
  })
  socket.on('error', ({ message }) => {
    why = message
  })
  const ended = new Promise<Closing>((resolve) => {
    socket.once('close', (code, reason) => {
      closing = { code, reason: reason.toString() || why }
      waiters.wake()
      resolve(closing)
    })
  })
  socket.resume()

  return {
    server,
    protocol: socket.protocol,
    get closing() {
      return closing
    },
    get unread() {
      return inbox.size
    },
    send(message) {
      const label = `The connection to "${server.id}"`
      if (socket.readyState !== socket.OPEN) {
        const how = closing ? `has ended with ${closing.code}: ${harmlessLine(closing.reason)}` : 'is ending'
        throw new WsyardError('WSYARD_ERR_CONNECTION_ENDED', `${label} ${how}. Connect again.`, {
          id: server.id,
        })
      }
      if (socket.bufferedAmount > maxMessageBytes) {
        const full = `${label} is full: ${socket.bufferedAmount} bytes wait, as the server does not read. Try later.`
        throw new WsyardError('WSYARD_ERR_SERVER_UNREACHABLE', full, { id: server.id })
      }
      socket.send(message, () => {}) // what becomes of it is told by the close
    },
    async read({ messages, bytes, waitMs, signal }) {
      await waiters.until(() => inbox.size > 0 || closing !== undefined, waitMs, signal)
      if (signal.aborted) return { messages: [], dropped: 0, unread: inbox.size } // nobody hears it
      const taken = inbox.take({ messages, bytes })
      return { messages: taken, dropped: inbox.takeDropped(), unread: inbox.size }
    },
    async close() {
      socket.close(1000)
      const cut = setTimeout(() => socket.terminate(), impatienceMs)
      const how = await ended
      clearTimeout(cut)
      return how
    },
  }
}

function bytesOf(data: RawData): Uint8Array {
  return Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data)
}
