/**
 * How a sentence names a server.
 */
import type { Entry } from '../../core/index.js'

/** Its id, and before that its name if it has one. */
export function describeServer({ id, name }: Pick<Entry, 'id' | 'name'>): string {
  return name === undefined ? `"${id}"` : `"${name}" (${id})`
}

/** Several of them: the first few, and how many more. */
export function describeServers(servers: readonly Pick<Entry, 'id' | 'name'>[]): string {
  const named = servers.slice(0, maxNamed).map(describeServer).join(', ')
  return servers.length > maxNamed ? `${named} and ${servers.length - maxNamed} more` : named
}

const maxNamed = 5
