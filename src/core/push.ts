/**
 * What is said on the push socket (`PROTOCOL.md`, "Push"): the messages as types, and how changes become them.
 */
import type { Change, RemovalReason } from './changes.js'
import { type SnapshotServer, toServer } from './snapshot.js'

/** One step from one revision to the next, as pages see it. */
export type PushChange =
  | { readonly type: 'added' | 'updated'; readonly server: SnapshotServer }
  | { readonly type: 'removed'; readonly server: SnapshotServer; readonly reason: RemovalReason }

export type PushMessage =
  | {
      readonly type: 'snapshot'
      readonly epoch: string
      readonly revision: number
      readonly servers: readonly SnapshotServer[]
    }
  | {
      readonly type: 'change'
      readonly epoch: string
      readonly revision: number
      readonly changes: readonly PushChange[]
    }
  | { readonly type: 'problem'; readonly error: { readonly code: string; readonly message: string } | null }
  | { readonly type: 'beat' }

/** A change without what only the registry needs. */
export function toPushChange(change: Change): PushChange {
  const server = toServer(change.entry)
  return change.type === 'removed'
    ? { type: 'removed', server, reason: change.reason }
    : { type: change.type, server }
}
