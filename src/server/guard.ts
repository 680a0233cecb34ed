/**
 * Keeps other web sites and other machines out: asked of every handshake before anything else. Never throws.
 */
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { isAllowedOrigin, isLoopbackHostHeader } from '../core/index.js'

/** Why a handshake is refused, naming the option that would allow it; undefined when it is welcome. */
export function refusalOf({ headers }: IncomingMessage, origins: readonly string[]): string | undefined {
  const { host, origin } = headers
  if (!isLoopbackHostHeader(host)) {
    return `Host "${host ?? ''}" is not this machine: connect to 127.0.0.1, ::1 or localhost.`
  }
  if (origin === undefined || isAllowedOrigin(origin, origins)) return undefined
  return `Origin "${origin}" may not connect: add it to the option origins of createServer to allow it.`
}

/** Answers a handshake with 403 and the reason, and closes its connection. */
export function refuse(stream: Duplex, reason: string): void {
  const body = `${reason}\n`
  stream.on('error', () => {}) // the other side is free to be gone already
  stream.once('finish', () => stream.destroy())
  stream.end(
    `HTTP/1.1 403 ${STATUS_CODES[403]}\r\ncontent-type: text/plain; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}
