/**
 * Making tokens and comparing them.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Token } from '../core/index.js'

/** A new token: 32 random bytes in base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Whether a text is the token, in a time that does not depend on how much of it is right, nor on its length. */
export function isToken(candidate: string, token: Token): boolean {
  return timingSafeEqual(digest(candidate), digest(token.reveal()))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
