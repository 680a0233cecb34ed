/**
 * What is said on the push socket (`PROTOCOL.md`, "Push"): the events of a watch, of entries as pages see them, and how a client reads
 * them.
 */
import { type SnapshotServer, toServer } from './entry-fields.js'
import type { ChangeEvent, Revision, SnapshotEvent } from './events.js'

/** Some of a large snapshot, which ends with a snapshot of the same point. */
export type PartMessage = Omit<SnapshotEvent<SnapshotServer>, 'type'> & { readonly type: 'part' }

/** The whole list, and on whose behalf the hub finds names: the root of its project, if it has one. */
export type SnapshotMessage = SnapshotEvent<SnapshotServer> & { readonly scope?: string }

/** Nothing new; without a point while the registry has never been read. */
export type BookmarkMessage = Partial<Revision> & { readonly type: 'bookmark' }

export interface ProblemMessage {
  readonly type: 'problem'
  readonly error: { readonly code: string; readonly message: string; readonly source?: string } | null
}

/** What there is to know of the list. */
export type PushEvent = SnapshotMessage | ChangeEvent<SnapshotServer>

export type PushMessage = PushEvent | PartMessage | BookmarkMessage | ProblemMessage

/** A change without what only the registry needs. */
export function toPushChange({ changes, ...event }: ChangeEvent): ChangeEvent<SnapshotServer> {
  return { ...event, changes: changes.map((change) => ({ ...change, entry: toServer(change.entry) })) }
}

/**
 * Reads the messages of one connection: puts the parts of a snapshot together, and sees to it that nothing is missing.
 *
 * @param from where the connection was asked to go on, if it was.
 * @returns a function that takes each message and returns the event that it makes whole, if any; `'gap'` where something was missed, and
 *   the client has to connect again.
 */
export function createPushReader(from?: Revision): (message: PushMessage) => PushEvent | 'gap' | undefined {
  let { epoch, revision } = from ?? {}
  let parts: SnapshotServer[] = []

  return (message) => {
    const { type } = message
    if (type === 'part') parts.push(...message.entries)
    else if (type === 'snapshot') {
      const entries = [...parts, ...message.entries]
      parts = []
      ;({ epoch, revision } = message)
      return { ...message, entries }
    } else if (type === 'change' || (type === 'bookmark' && message.epoch)) {
      const expected = Number(revision) + Number(type === 'change')
      if (message.epoch !== epoch || message.revision !== expected) return 'gap'
      revision = expected
      if (type === 'change') return message
    }
    return undefined
  }
}
