/**
 * The view that a watcher's events add up to. An event that does not follow from those before it is an error here: a
 * gap, a repetition, a step back, an entry added twice or removed without being there.
 */
import type { Entry, RemovalReason, WatchEvent } from '../../src/registry/index.js'

export interface Replay {
  readonly entries: ReadonlyMap<string, Entry>
  /** Every removal so far, in order. */
  readonly removed: readonly { id: string; reason: RemovalReason }[]
  ids(): string[]
  take(event: WatchEvent): void
}

export function createReplay(): Replay {
  const entries = new Map<string, Entry>()
  const removed: { id: string; reason: RemovalReason }[] = []
  let last: WatchEvent | undefined

  const must = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(`${what}, after revision ${last?.revision}`)
  }
  const take = (event: WatchEvent): void => {
    if (event.type === 'snapshot') {
      must(last === undefined, 'a second snapshot came')
      for (const entry of event.entries) {
        must(!entries.has(entry.id), `${entry.id} is twice in the snapshot`)
        entries.set(entry.id, entry)
      }
    } else {
      must(event.epoch === last?.epoch, `a change of the epoch ${event.epoch} came`)
      must(event.revision === (last?.revision ?? 0) + 1, `revision ${event.revision} came`)
      for (const change of event.changes) {
        const { id } = change.entry
        must(entries.has(id) === (change.type !== 'added'), `${id} was ${change.type}`)
        if (change.type !== 'removed') entries.set(id, change.entry)
        else {
          entries.delete(id)
          removed.push({ id, reason: change.reason })
        }
      }
    }
    last = event
  }
  return { entries, removed, take, ids: () => [...entries.keys()].sort() }
}
