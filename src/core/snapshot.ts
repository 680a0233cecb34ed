/**
 * The snapshot that a hub serves at `GET /api/registry` (`PROTOCOL.md`, "Snapshot").
 */
import { compareByStart, type Entry } from './entry.js'

/** One server as pages see it: its entry without what only the registry needs. */
export type SnapshotServer = Omit<Entry, 'machine' | 'processStart' | 'token'>

export interface Snapshot {
  readonly servers: readonly SnapshotServer[]
}

/** An entry as pages see it. */
export function toServer(entry: Entry): SnapshotServer {
  const { machine: _machine, processStart: _processStart, token: _token, ...server } = entry
  return server
}

/** Builds the snapshot of a view, the oldest server first. */
export function toSnapshot(entries: Iterable<Entry>): Snapshot {
  return { servers: Array.from(entries, toServer).sort(compareByStart) }
}
