/** WebSockets as bytes: a client that is a bare handshake, and a server that records one and answers it. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { handshakeHeaders } from './raw-request.js'

export interface RawSocket {
  /** Everything before the empty line of the answer. */
  readonly head: string
  /** Paused, with what came behind the head still to be read. */
  readonly socket: Socket
}

type Headers = readonly (readonly [name: string, value: string])[]

/** Asks for an upgrade. The head of the answer comes, whatever it is, if one comes. */
export function askRaw(url: string, headers: Headers = []): { socket: Socket; head: Promise<string> } {
  const { hostname, port, host, pathname, search } = new URL(url)
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
  const lines = [['Host', host], ...handshakeHeaders, ...headers].map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`)
  const head = readHead(socket)
  head.catch(() => {})
  return { socket, head }
}

/** The same, when the answer has come. */
export async function openRaw(url: string, headers: Headers = []): Promise<RawSocket> {
  const { socket, head } = askRaw(url, headers)
  return { socket, head: await head }
}

/** Reads up to the empty line; what is behind it stays in the paused stream. */
export async function readHead(socket: Socket): Promise<string> {
  let bytes = Buffer.alloc(0)
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n')
    if (end !== -1) {
      socket.pause()
      if (bytes.length > end + 4) socket.unshift(bytes.subarray(end + 4))
      return bytes.toString('latin1', 0, end)
    }
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    socket.pause()
    bytes = Buffer.concat([bytes, chunk])
    if (bytes.indexOf('\r\n\r\n') === -1) socket.resume()
  }
}

export interface RawServer {
  readonly port: number
  /** The heads of the handshakes that came, as they stood. */
  readonly heads: readonly string[]
  /** How many connections are open now. */
  open(): number
  close(): Promise<void>
}

/**
 * Answers each handshake as a WebSocket server does, with these headers besides, then hands the socket over.
 *
 * @param answer what is written in the place of that; undefined: nothing at all.
 */
export async function startRawServer(
  onOpen: (socket: Socket) => void,
  { host = '127.0.0.1', port = 0, headers = '', answer = answerTo }: RawServerOptions = {},
): Promise<RawServer> {
  const sockets = new Set<Socket>()
  const heads: string[] = []
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    readHead(socket).then(
      (head) => {
        heads.push(head)
        const text = answer(head, headers)
        if (text !== undefined) socket.write(text)
        onOpen(socket)
      },
      () => {},
    )
  })
  server.listen({ port, host })
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    heads,
    open: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

export interface RawServerOptions {
  host?: string
  port?: number
  headers?: string
  answer?: (head: string, headers: string) => string | undefined
}

/** The answer that a handshake asks for. */
export function answerTo(head: string, headers = ''): string {
  const key = /^sec-websocket-key: (.*)$/im.exec(head)?.[1] ?? ''
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${headers}\r\n`
}
