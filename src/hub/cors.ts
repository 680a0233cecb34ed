/**
 * Which pages of other origins may read a hub's answers: those of this machine, and those it was told of.
 */
import { isLoopbackOrigin } from '../core/index.js'

/** Whether a page of this origin may read. Requests without an origin are not a page's, and need no leave. */
export function mayRead(origin: string | undefined, origins: readonly string[]): boolean {
  return origin !== undefined && (isLoopbackOrigin(origin) || origins.includes(origin))
}

/** Refuses options that would not do what they seem to. @throws {TypeError} */
export function checkOrigins(origins: readonly string[]): readonly string[] {
  for (const origin of origins) {
    if (/^https?:\/\/[^/?#\s*]+$/.test(origin)) continue
    const hint =
      origin === '*'
        ? 'name each origin: "*" would let every web site read the registry'
        : 'write it as "https://app.example", without a path'
    throw new TypeError(`origins: "${origin}" is not an origin: ${hint}`)
  }
  return origins
}
