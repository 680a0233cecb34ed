/**
 * The server of the cases: a plain `ws`, registered as `conformance`, that does what the path asks for. It lets everybody in.
 *
 * | path | does |
 * |---|---|
 * | `/echo` | sends back what it gets |
 * | `/go/<what>` | does what `deeds` has, when it is sent anything |
 * | `/now/<what>` | the same as soon as it is open |
 * | `/refuse/<status>` | answers the handshake with an HTTP status |
 * | `/silent`, `/hang-up` | answers the handshake with nothing, or with the end |
 * | `/heard/<path>` | by HTTP: what was heard on the connection that asked for the path, when it has ended |
 *
 * Its query may ask for more: `protocol=a` chooses that whatever was offered, `deflate` compresses.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Registry } from '../../src/registry/index.js'
import { deeds } from './deeds.js'
import type { Heard } from './observe.js'

export interface ConformanceServer {
  /** As `http://127.0.0.1:8080`. */
  readonly origin: string
  /** Cuts all connections and forgets what was heard. */
  reset(): void
  close(): Promise<void>
}

const queryOf = ({ url = '' }: IncomingMessage): URLSearchParams => new URL(url, 'http://any').searchParams

export async function startServer(registry: Registry): Promise<ConformanceServer> {
  const streams = new Set<Duplex>()
  let records = new Map<string, PromiseWithResolvers<Heard>>()

  const recordAt = (path: string): PromiseWithResolvers<Heard> => {
    const record = records.get(path) ?? withResolvers<Heard>()
    records.set(path, record)
    return record
  }

  const listen = (socket: WebSocket, { url = '', headers }: IncomingMessage): void => {
    const { resolve } = recordAt(url)
    const messages: string[] = []
    const deed = /^\/(?:go|now)\/([\w-]+)/.exec(url)?.[1]
    const act = (): void => deeds[deed ?? '']?.(socket, url)
    socket.on('error', () => {}) // cases break the protocol, or are cut
    socket.on('message', (data: Buffer, isBinary) => {
      messages.push(isBinary ? `binary ${bytesOf(data)}` : `text ${shorten(data.toString())}`)
      if (url.startsWith('/echo')) socket.send(data, { binary: isBinary })
      else if (url.startsWith('/go')) act()
    })
    socket.on('close', (code, reason) => {
      const offered = headers['sec-websocket-protocol'] ?? null
      resolve({ offered, messages, code, reason: reason.toString() })
    })
    if (url.startsWith('/now')) act()
  }

  const [plain, deflating] = [false, { threshold: 0 }].map((perMessageDeflate) => {
    const sockets = new WebSocketServer({ noServer: true, perMessageDeflate, handleProtocols: () => false })
    sockets.on('headers', (lines, request) => {
      const protocol = queryOf(request).get('protocol')
      if (protocol !== null) lines.push(`Sec-WebSocket-Protocol: ${protocol}`)
    })
    return sockets.on('connection', listen)
  })

  const answer = ({ url = '' }: IncomingMessage, response: ServerResponse): void => {
    if (!url.startsWith('/heard')) {
      response.writeHead(426).end()
      return
    }
    void recordAt(url.slice('/heard'.length)).promise.then((heard) => {
      response.writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'application/json' })
      response.end(JSON.stringify(heard))
    })
  }

  const http = createServer(answer)
  http.on('upgrade', (request, stream, head) => {
    const { url = '' } = request
    stream.on('error', () => {})
    stream.on('close', () => streams.delete(stream))
    streams.add(stream)
    const status = /^\/refuse\/(\d+)/.exec(url)?.[1]
    if (url.startsWith('/silent')) return
    if (url.startsWith('/hang-up')) stream.destroy()
    else if (status !== undefined)
      stream.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    else {
      const sockets = queryOf(request).has('deflate') ? deflating : plain
      sockets?.handleUpgrade(request, stream, head, (socket) => sockets.emit('connection', socket, request))
    }
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  const registration = await registry.register({ port, name: 'conformance', auth: 'open' })

  const reset = (): void => {
    for (const stream of streams) stream.destroy()
    records = new Map()
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    reset,
    async close() {
      await registration.close()
      reset()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
}

/** What Node has of its own from 22 on. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

function shorten(text: string): string {
  return text.length > 200 ? `of ${text.length}` : text
}

function bytesOf(data: Buffer): string {
  return data.length > 20 ? `of ${data.length}` : `[${data.join(' ')}]`
}
