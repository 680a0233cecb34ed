/**
 * Where a page dials a server directly.
 */
import { isLoopbackHost, isWildcardHost, type SnapshotServer } from '../core/index.js'

/** The address to dial, or why this page cannot dial the server itself. */
export type ServerAddress = { readonly url: string } | { readonly obstacle: string }

/** Decides on nothing but the entry: hosts that are not this machine are never dialled from here. */
export function serverAddress({ host = 'localhost', port, path = '/', auth }: SnapshotServer): ServerAddress {
  if (auth === 'token') return { obstacle: 'it asks for a token, which no page may hold' }
  const target = isWildcardHost(host) ? 'localhost' : host
  if (!isLoopbackHost(target)) return { obstacle: `it listens on ${host}, which is not this machine` }
  return { url: `ws://${target.includes(':') ? `[${target}]` : target}:${port}${path}` }
}
