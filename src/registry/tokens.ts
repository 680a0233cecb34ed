/**
 * Making tokens and comparing them.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type Token, tokenOf } from '../core/index.js'

/** A new token: 32 random bytes in base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Whether a text is the token, in a time that does not depend on how much of it is right, nor on its length. */
export function isToken(candidate: string, token: Token): boolean {
  return timingSafeEqual(digest(candidate), digest(token.reveal()))
}

/**
 * Whether a request or an upgrade brings the token that a server registered with, as `Authorization: Bearer` or among its subprotocols
 * as `wsyard.bearer.<token>`. Compares as `isToken` does.
 *
 * @example
 * const { entry } = await registry.register(server, { auth: 'token' })
 * server.on('upgrade', (request, socket, head) => {
 *   if (!verifyToken(request.headers, entry.token)) return socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
 *   …
 * })
 */
export function verifyToken(headers: IncomingHttpHeaders, token: Token | undefined): boolean {
  const candidate = tokenOf(headers)
  return token !== undefined && candidate !== undefined && isToken(candidate, token)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
