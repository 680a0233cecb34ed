/**
 * Which of the hub's paths a request is for.
 */

export interface RelayRoute {
  readonly to: 'relay'
  /** The id or name that stands in the path; it may be anything, and nothing. */
  readonly key: string
  /** Path and query behind it, as they came: empty, or with `/` or `?` first. */
  readonly rest: string
}

export interface RegistryRoute {
  readonly to: 'registry'
  /** The query, without its `?`. */
  readonly query: string
  /** The id or name of the server that is to be probed, where the query names one. */
  readonly probe?: string
}

export interface DashboardRoute {
  readonly to: 'dashboard'
  /** The path behind the dashboard's own; empty for that itself. */
  readonly file: string
}

export interface EntranceRoute {
  readonly to: 'entrance'
}

export type Route = RegistryRoute | RelayRoute | DashboardRoute | EntranceRoute

/** Where the snapshot and the push socket are. */
const registryPath = '/api/registry'

/** Where the dashboard is, without the slash behind it. */
export const dashboardPath = '/__wsyard'

/** Where a hub that asks for a token is entered, with `#token=<token>` behind it: there the token becomes a session. */
export const entrancePath: string = `${dashboardPath}/enter`

/** Reads a request target, whatever it is; nothing in it is resolved. Undefined: not the hub's. */
export function routeOf(target = ''): Route | undefined {
  if (target.split('?', 1)[0] === entrancePath) return { to: 'entrance' }
  if (target.startsWith(dashboardPath)) {
    const [file = ''] = target.slice(dashboardPath.length).split('?')
    return file === '' || file.startsWith('/') ? { to: 'dashboard', file } : undefined
  }
  if (!target.startsWith(registryPath)) return undefined
  const behind = target.slice(registryPath.length)
  if (behind === '' || behind.startsWith('?')) {
    const query = behind.slice(1)
    const probe = query.startsWith('probe=') ? new URLSearchParams(query).get('probe') : null
    return { to: 'registry', query, ...(probe !== null && { probe }) }
  }
  const [, key, rest] = /^\/([^/?]*)(.*)$/s.exec(behind) ?? []
  return key === undefined || rest === undefined ? undefined : { to: 'relay', key, rest }
}
