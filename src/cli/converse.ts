/**
 * Sends messages over an open WebSocket and prints what comes, until either side is done. Knows nothing of how it was opened.
 */
import type { Writable } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { type Entry, reasonOf, WsyardError } from '../core/index.js'
import { formatBytes, harmless, harmlessLine } from './format-message.js'

export interface Conversation {
  /** Who is spoken with. */
  server: Entry
  /** Sent one after the other, as fast as the server takes them. */
  messages: AsyncIterable<string> | Iterable<string>
  /** Gets each message of the server with a newline behind it, as it is, or harmless if it is a terminal. */
  output: Writable & { readonly isTTY?: boolean }
  /** How many messages to wait for; undefined: the end of `messages` is the end. */
  count: number | undefined
  /** Ends it early when it is aborted. */
  signal: AbortSignal
}

/** How long a server has to answer the close of somebody who does not want to wait. */
const impatienceMs = 1000

/** The code of a WebSocket that ended without a close. */
const lost = 1006

/** The codes of one that was closed as it should be: in so many words, or without a code. */
const fine = [1000, 1005]

/**
 * Resolves to what there is to say of the end.
 *
 * @throws {WsyardError} `WSYARD_ERR_CONNECTION_ENDED` when it ended before all was done, or otherwise than it should.
 */
export async function converse(socket: WebSocket, conversation: Conversation): Promise<string> {
  const { server, messages, output, count, signal } = conversation
  let received = 0
  /** Whether this side has closed it first. */
  let isOurs = false
  /** There is nothing more to wait for, and how the connection ends is all the same. */
  let isDone = false
  /** Why it ends, if this side knows. */
  let why: string | undefined

  const end = (): void => {
    isOurs ||= socket.readyState === socket.OPEN
    socket.resume() // what keeps the output waiting would keep the server's close waiting
    socket.close(1000)
  }
  const cut = (): void => {
    end()
    setTimeout(() => socket.terminate(), impatienceMs).unref()
  }
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }))
  })
  socket.on('error', ({ message }) => {
    why ??= `was lost: ${harmlessLine(message)}`
  })
  socket.on('message', (data, isBinary) => {
    if (isDone) return
    received += 1
    const text = isBinary ? formatBytes(bytesOf(data)) : data.toString()
    const hasRoom = output.write(`${output.isTTY ? harmless(text) : text}\n`)
    if (received === count) {
      isDone = true
      cut()
    } else if (!hasRoom && socket.readyState === socket.OPEN) socket.pause()
  })
  output.on('drain', () => socket.resume())
  output.on('error', () => {
    isDone = true // whoever read it has read enough, as `head` has
    cut()
  })
  signal.addEventListener('abort', () => {
    isDone = count === undefined
    why ??= 'was interrupted'
    cut()
  })
  socket.resume()

  const sendAll = async (): Promise<void> => {
    for await (const message of messages) {
      if (socket.readyState !== socket.OPEN) return
      await new Promise((resolve) => socket.send(message, resolve))
    }
    if (count === undefined) end()
  }
  sendAll().catch((error: unknown) => {
    why ??= `was given up, as the input cannot be read: ${reasonOf(error)}`
    socket.terminate()
  })

  const { code, reason } = await closed
  const by = code === lost ? 'was lost' : `was closed by the server with ${code}`
  const how = why ?? `${by}${reason === '' ? '' : `: ${harmlessLine(reason)}`}`
  const isMissing = count !== undefined && received < count
  if (isDone || (fine.includes(code) && !isMissing)) return isOurs ? 'Closed.' : `The connection ${how}.`
  const missing = isMissing ? `, with ${received} of ${count} messages received` : ''
  const message = `The connection to "${server.id}" ${how}${missing}.`
  throw new WsyardError('WSYARD_ERR_CONNECTION_ENDED', message, { id: server.id })
}

function bytesOf(data: RawData): Uint8Array {
  return Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data)
}
