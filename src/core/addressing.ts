/**
 * Which server an id or a name means, at which addresses it is, and which path of it is asked for: for the relay, for pages and for the
 * command alike.
 */
import { compareByStart, type Entry } from './entry.js'
import { isLoopbackHost, isWildcardHost } from './loopback.js'
import type { Refusal } from './refusals.js'
import { closeness } from './scope.js'

/** What must be known of a server for it to be found. */
type Found = Pick<Entry, 'name' | 'startedAt' | 'state' | 'scope' | 'source'>

/**
 * The server of this id, or else one of this name: of a project's before any other, one that is up before one that is not, and of those the
 * newest. What this machine's own registry has comes before all that: nobody who writes to a shared one takes its name, be it by an id.
 *
 * @param project the root of the project on whose behalf is asked, if it is on behalf of one
 */
export function findServer<Server extends Found>(
  servers: ReadonlyMap<string, Server>,
  key: string,
  project?: string,
): Server | undefined {
  const exact = servers.get(key)
  if (exact && !exact.source) return exact
  // Each weighs more than all that follow it together: `closeness` is 2 at most.
  const rank = (server: Server): number =>
    (server.source ? 0 : 16) +
    (server === exact ? 8 : 0) +
    2 * closeness(server.scope, project) +
    Number(server.state === 'up')
  return [...servers.values()]
    .filter((server) => server === exact || server.name === key)
    .sort((a, b) => rank(a) - rank(b) || compareByStart(a, b))
    .at(-1)
}

/** The path that a server is asked for, given what stands behind its name: a path, only a query, or nothing. */
export function pathOf({ path = '/' }: Pick<Entry, 'path'>, rest: string): string {
  if (rest.startsWith('/')) return rest
  return rest === '' ? path : `${path}${path.includes('?') ? rest.replace('?', '&') : rest}`
}

/** The addresses of this machine at which an entry may be dialled, in this order; none if it names another. */
export function addressesOf({ host = 'localhost' }: Entry): readonly string[] {
  if (isWildcardHost(host) || host.toLowerCase() === 'localhost') return ['127.0.0.1', '::1']
  if (!isLoopbackHost(host)) return []
  return host.toLowerCase().endsWith('.localhost') ? ['127.0.0.1', '::1'] : [host]
}

/** How many servers a refusal names. */
const maxNamed = 20

/** Says which servers there are to somebody who asked for one that there is not. */
export function notFound(entries: ReadonlyMap<string, Entry>, key: string): Refusal {
  const names = [...new Set([...entries.values()].map(({ id, name }) => name ?? id))]
  const more = names.length > maxNamed ? `, and ${names.length - maxNamed} more` : ''
  const there =
    names.length === 0 ? 'No server runs' : `There are: ${names.slice(0, maxNamed).join(', ')}${more}`
  const asked = key.length > 128 ? `${key.slice(0, 125)}...` : key
  return { code: 'SERVER_NOT_FOUND', message: `No server has the id or name "${asked}". ${there}.` }
}
