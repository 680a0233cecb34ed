/**
 * Which pages may speak with a hub or a server: those of this machine, and those of the origins it was told of.
 */
import { isLoopbackOrigin } from './loopback.js'

/** Whether a page of this origin is welcome. `null`, which sandboxed pages and files send, never is. */
export function isAllowedOrigin(origin: string, origins: readonly string[]): boolean {
  return isLoopbackOrigin(origin) || (origin !== 'null' && origins.includes(origin))
}

/**
 * Refuses values of an option `origins` that would not do what they seem to.
 *
 * @throws {TypeError} naming the value and how to write it.
 */
export function checkOrigins(origins: readonly string[]): void {
  for (const origin of origins) {
    if (/^https?:\/\/[^/?#\s*]+$/.test(origin)) continue
    const hint =
      origin === '*'
        ? 'name each origin: "*" would let every web site in'
        : 'write it as "https://app.example", without a path'
    throw new TypeError(`origins: "${origin}" is not an origin: ${hint}`)
  }
}
