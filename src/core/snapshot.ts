/**
 * The snapshot that a hub serves at `GET /api/registry` (`PROTOCOL.md`, "Snapshot").
 */
import { compareByStart, type Entry } from './entry.js'
import { type SnapshotServer, toServer } from './entry-fields.js'

export interface Snapshot {
  readonly servers: readonly SnapshotServer[]
}

/** Builds the snapshot of a view, the oldest server first. */
export function toSnapshot(entries: Iterable<Entry>): Snapshot {
  return { servers: Array.from(entries, toServer).sort(compareByStart) }
}
