/**
 * Which servers are shown, and in which order. Functions of data.
 */
import type { ConnectionState } from 'wsyard/client'
import type { RoundTrips } from './round-trips.js'
import { labelOf, type ShownServer } from './shown-servers.js'
import { type Flow, stillness } from './traffic.js'

export type SortKey =
  | 'started'
  | 'name'
  | 'state'
  | 'id'
  | 'port'
  | 'pid'
  | 'address'
  | 'auth'
  | 'transport'
  | 'roundTrip'
  | 'received'
  | 'sent'
  | 'meta'

export interface SortOrder {
  readonly key: SortKey
  readonly isDescending: boolean
}

export interface ServerFilter {
  /** Words that must all be there, in whichever case; `key:value` looks into that field, or into that one of the meta or the scope. */
  readonly text: string
  /** `'not connected'` lets those through that a person may want to look at: what is being connected to is not among them. */
  readonly state: ConnectionState | 'any' | 'not connected' | 'orphaned'
}

/** What is measured of a server besides what the registry says. */
export interface Measures {
  readonly flows: ReadonlyMap<string, Flow>
  readonly roundTrips: ReadonlyMap<string, RoundTrips>
}

const troubleFirst: Record<ConnectionState, number> = {
  unresponsive: 0,
  disconnected: 1,
  connecting: 2,
  connected: 3,
}

export function arranged(
  servers: readonly ShownServer[],
  filter: ServerFilter,
  { key, isDescending }: SortOrder,
  measures: Measures,
): ShownServer[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  const shown = servers.filter(
    (server) => isInState(server, filter.state) && words.every((word) => hasWord(server, word)),
  )
  const sortValue = sortValues[key]
  const sign = isDescending ? -1 : 1
  return shown
    .map((server) => ({ server, value: sortValue(server, measures), rank: rankOf(server) }))
    .sort(
      (a, b) =>
        compare(a.value, b.value) * sign ||
        compare(a.rank.name, b.rank.name) ||
        compare(a.rank.start, b.rank.start) ||
        compare(a.server.id, b.server.id),
    )
    .map(({ server }) => server)
}

/** Neither changes while a server runs: so none moves while its reader points at it. */
interface Rank {
  readonly name: string
  readonly start: number
}

/** Kept, as of a thousand servers one changes at a time; a changed one is a new object. */
const ranks = new WeakMap<ShownServer, Rank>()

function rankOf(server: ShownServer): Rank {
  const kept = ranks.get(server)
  if (kept !== undefined) return kept
  const rank = { name: nameKey(labelOf(server)), start: startOf(server) }
  ranks.set(server, rank)
  return rank
}

/** What a browser dials, or would; an entry without a host listens on this machine. */
export function addressOf({ host = 'localhost', port, path = '' }: ShownServer): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}${path}`
}

export function lastRoundTrip(roundTrips: RoundTrips | undefined): number | undefined {
  return roundTrips?.at(-1)
}

const sortValues: Record<SortKey, (server: ShownServer, measures: Measures) => string | number> = {
  started: (server) => rankOf(server).start,
  name: (server) => rankOf(server).name,
  state: ({ connection }) => troubleFirst[connection],
  id: ({ id }) => id,
  port: ({ port }) => port,
  pid: ({ pid }) => pid,
  address: addressOf,
  auth: ({ auth = 'open' }) => auth,
  transport: ({ transport = '' }) => transport,
  roundTrip: ({ id }, { roundTrips }) => lastRoundTrip(roundTrips.get(id)) ?? Number.POSITIVE_INFINITY,
  received: ({ id }, { flows }) => (flows.get(id) ?? stillness).receivedPerSecond,
  sent: ({ id }, { flows }) => (flows.get(id) ?? stillness).sentPerSecond,
  meta: ({ meta = {} }) => JSON.stringify(meta),
}

/** Puts names into the order that people expect: without regard to case, and `worker-2` before `worker-10`. */
export function nameKey(label: string): string {
  return label.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(16, '0'))
}

/** Times may be given in different zones, or not at all. */
function startOf({ startedAt = '' }: ShownServer): number {
  const start = Date.parse(startedAt)
  return Number.isNaN(start) ? Number.NEGATIVE_INFINITY : start
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : Number(a > b)
}

export function isInState(server: ShownServer, state: ServerFilter['state']): boolean {
  const { connection } = server
  if (state === 'orphaned') return server.state === state
  if (state === 'not connected') return connection === 'disconnected' || connection === 'unresponsive'
  return state === 'any' || connection === state
}

function hasWord(server: ShownServer, word: string): boolean {
  const [, key, value] = /^([^:]+):(.+)$/.exec(word) ?? []
  if (key !== undefined && value !== undefined) {
    const fields = fieldsOf(server, key)
    if (fields.length > 0) return haveText(fields, value)
  }
  const { id, name = '', port, pid, host = '', path = '', auth = 'open', scope = {}, meta = '' } = server
  const kind = server.instance === undefined ? 'foreign' : ''
  return haveText([id, name, port, pid, host, path, auth, kind, ...Object.values(scope), meta], word)
}

/** What the entry, its meta and its scope have by this name, in whichever case. */
function fieldsOf(server: ShownServer, key: string): unknown[] {
  const fields = [server, server.meta, server.scope].flatMap((part) => Object.entries(part ?? {}))
  return fields.flatMap(([name, field]) => (name.toLowerCase() === key ? [field] : []))
}

function haveText(fields: readonly unknown[], text: string): boolean {
  return fields.some((field) =>
    (typeof field === 'object' ? JSON.stringify(field) : String(field)).toLowerCase().includes(text),
  )
}
