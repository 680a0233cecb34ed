/** One HTTP request as bytes, however wrong it is, and what came back. */
import { connect } from 'node:net'

export interface RawAnswer {
  /** 0 when the connection ended without an answer. */
  readonly status: number
  readonly head: string
  readonly body: string
  /** The code of a refusal; undefined when the body is none. */
  readonly code: string | undefined
}

export interface RawRequest {
  port: number
  /** The address that is dialled. */
  address?: string
  method?: string
  path: string
  /** In this order, as they stand; a name may come twice. */
  headers: readonly (readonly [name: string, value: string])[]
}

/** The headers of a WebSocket handshake but for Host. */
export const handshakeHeaders: readonly (readonly [string, string])[] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
]

/** Sends a request, reads the whole answer, or its head if it is a 101, and hangs up. */
export function rawRequest({
  port,
  address = '127.0.0.1',
  method = 'GET',
  path,
  headers,
}: RawRequest): Promise<RawAnswer> {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return new Promise((resolve, reject) => {
    const socket = connect(port, address, () =>
      socket.write(`${method} ${path} HTTP/1.1\r\n${lines}\r\n`, 'latin1'),
    )
    let text = ''
    const finish = (): void => {
      socket.destroy()
      resolve(parse(text))
    }
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
      if (isWhole(text)) finish()
    })
    socket.on('end', finish)
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? finish() : reject(error),
    )
  })
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return false
  if (/^HTTP\/1\.1 (101|204|304)/.test(text)) return true
  if (/^transfer-encoding: chunked\r$/im.test(text.slice(0, end + 2))) return text.endsWith('\r\n0\r\n\r\n')
  const length = /^content-length: (\d+)\r$/im.exec(text.slice(0, end + 2))?.[1]
  return length !== undefined && text.length >= end + 4 + Number(length)
}

function parse(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n')
  const body = end === -1 ? '' : text.slice(end + 4)
  const code = /^\{"error":\{"code":"(\w+)"/.exec(body)?.[1]
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0),
    head: end === -1 ? text : text.slice(0, end),
    body,
    code,
  }
}
