/**
 * Which field of an entry is shown where: in the server's own file, which only programs of the same user can read; in the
 * index, which any program may; and to pages, by
 * snapshot and push (`PROTOCOL.md`, "Entries"). A field that is not listed is shown nowhere.
 */
import type { Entry, Line, ManagedEntry } from './entry.js'

type Place = 'file' | 'index' | 'snapshot'

/** In the order in which they are written. */
const places: Record<keyof Entry, readonly Place[]> = {
  id: ['file', 'index', 'snapshot'],
  port: ['file', 'index', 'snapshot'],
  pid: ['file', 'index', 'snapshot'],
  startedAt: ['file', 'index', 'snapshot'],
  name: ['file', 'index', 'snapshot'],
  host: ['file', 'index', 'snapshot'],
  path: ['file', 'index', 'snapshot'],
  auth: ['file', 'index', 'snapshot'],
  meta: ['file', 'index', 'snapshot'],
  scope: ['file', 'index', 'snapshot'],
  instance: ['file', 'index', 'snapshot'],
  machine: ['file'],
  processStart: ['file'],
  owner: ['file'],
  token: ['file'],
  advertise: ['file'],
  state: ['snapshot'],
  source: ['snapshot'],
}

/** One server as pages see it: its entry without what only the registry needs. */
export type SnapshotServer = Omit<Entry, 'machine' | 'processStart' | 'owner' | 'token' | 'advertise'>

const inFile = fieldsIn('file')
const inIndex = fieldsIn('index')
const inSnapshot = fieldsIn('snapshot')

export function fieldsIn(place: Place): readonly (keyof Entry)[] {
  const fields = Object.keys(places) as (keyof Entry)[]
  return fields.filter((field) => places[field].includes(place))
}

/** The entry as its own file holds it. */
export function entryToFile(entry: ManagedEntry): Line {
  const { token, ...fields } = only(inFile, entry)
  return entry.token === undefined ? fields : { ...fields, token: entry.token.reveal() }
}

/** The entry as the index holds it. */
export function entryToLine(entry: Entry): Line {
  return only(inIndex, entry)
}

/** The entry as pages see it. */
export function toServer(entry: Entry): SnapshotServer {
  return only(inSnapshot, entry) as SnapshotServer
}

function only(fields: readonly (keyof Entry)[], entry: Entry): Partial<Entry> {
  const shown: Record<string, unknown> = {}
  for (const field of fields) if (entry[field] !== undefined) shown[field] = entry[field]
  return shown
}
