/**
 * One push socket: answers the handshake and what a client may send, and writes frames. It does not know what they say.
 */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { plainProtocol } from '../core/index.js'
import { type ClientFrame, type CloseCode, closeFrame, createFrameReader, pongFrame } from './push-frames.js'

export interface PushSocket {
  /** How much waits in this process for the client to take it. */
  readonly waitingBytes: number
  /** How much the client, or the system for it, has taken so far. */
  readonly takenBytes: number
  /** Sends a whole frame; nothing after `close`. */
  send(frame: Buffer): void
  /** Says why, ends, and sees to it that the socket is closed soon, whatever the client does. */
  close(code: CloseCode): void
  /** Closes it without a word. */
  cut(): void
}

export interface PushSocketListener {
  /** The client has sent something, whatever it is. */
  onHeard(): void
  /** Nothing waits any more, and something did. */
  onDrain(): void
  onClosed(): void
}

/** What may wait for one client before it is sent nothing more. */
export const maxWaitingBytes: number = 1024 * 1024

/** How long a client that is closed is given to take what was sent to it, and to close. */
const closeMs = 1000

/** Answers a handshake that has been checked. */
export function openPushSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  listener: PushSocketListener,
): PushSocket {
  const readFrames = createFrameReader()
  let sentBytes = 0
  let isClosing = false
  let isGathering = false

  /** What is sent in one go is written in one: many changes that come together cost as much as one. */
  const gather = (): void => {
    if (isGathering) return
    isGathering = true
    socket.cork()
    process.nextTick(() => {
      isGathering = false
      socket.uncork()
    })
  }
  const send = (frame: Buffer): void => {
    if (isClosing) return
    sentBytes += frame.length
    gather()
    socket.write(frame)
  }
  const close = (code: CloseCode): void => {
    if (isClosing) return
    send(closeFrame(code))
    isClosing = true
    socket.end()
    const cut = setTimeout(() => socket.destroy(), closeMs)
    socket.once('close', () => clearTimeout(cut))
  }
  const onFrame = (frame: ClientFrame): void => {
    if (frame.type === 'violation') close(frame.code)
    else if (frame.type === 'close') close(1000)
    // Who sends pings and takes no pongs goes without: they are not to pile up here.
    else if (frame.type === 'ping' && socket.writableLength <= maxWaitingBytes) send(pongFrame(frame.payload))
  }
  const onData = (chunk: Buffer): void => {
    listener.onHeard()
    for (const frame of readFrames(chunk)) onFrame(frame)
  }

  if (socket instanceof Socket) socket.setTimeout(0).setNoDelay(true)
  socket.on('error', () => {}) // the client is free to be gone at any time
  socket.on('drain', listener.onDrain)
  socket.once('end', () => socket.destroy())
  socket.once('close', listener.onClosed)
  send(Buffer.from(switchingProtocols(request.headers['sec-websocket-key'])))
  socket.on('data', onData)
  if (head.length > 0) onData(head)

  return {
    get waitingBytes() {
      return socket.writableLength
    },
    get takenBytes() {
      return sentBytes - socket.writableLength
    },
    send,
    close,
    cut: () => socket.destroy(),
  }
}

function switchingProtocols(key = ''): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    `Sec-WebSocket-Protocol: ${plainProtocol}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}
