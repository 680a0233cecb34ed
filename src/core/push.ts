/**
 * What is said on the push socket (`PROTOCOL.md`, "Push"): the events of a watch, of entries as pages see them, and two
 * messages more.
 */
import { type SnapshotServer, toServer } from './entry-fields.js'
import type { ChangeEvent, WatchEvent } from './events.js'

export type PushMessage =
  | WatchEvent<SnapshotServer>
  | { readonly type: 'problem'; readonly error: { readonly code: string; readonly message: string } | null }
  | { readonly type: 'beat' }

/** A change without what only the registry needs. */
export function toPushChange({ changes, ...event }: ChangeEvent): ChangeEvent<SnapshotServer> {
  return { ...event, changes: changes.map((change) => ({ ...change, entry: toServer(change.entry) })) }
}
