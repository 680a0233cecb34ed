/**
 * The snapshot that a hub serves at `GET /api/registry` (`PROTOCOL.md`, "Snapshot").
 */
import { compareByStart, type Entry } from './entry.js'

/** One server as pages see it: its entry without what only the registry needs. */
export type SnapshotServer = Omit<Entry, 'machine' | 'processStart'>

export interface Snapshot {
  readonly servers: readonly SnapshotServer[]
}

/** Builds the snapshot of a view, the oldest server first. */
export function toSnapshot(entries: Iterable<Entry>): Snapshot {
  const servers = Array.from(
    entries,
    ({ machine: _machine, processStart: _processStart, ...server }) => server,
  )
  return { servers: servers.sort(compareByStart) }
}
