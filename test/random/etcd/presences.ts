/**
 * What the revisions of a store mean: when each run was in it, and what a watcher has to be told of each.
 */
import type { StoredEntry, StoreRevision } from './store-record.js'

/** One time in which the entry of a run was there. */
export interface Presence {
  readonly id: string
  readonly run: string
  readonly from: number
  readonly fromRevision: number
  /** `Infinity` if it is there at the end. */
  readonly until: number
  readonly untilRevision?: number
  /** Why it has gone. */
  readonly reason?: string
}

/** One change as a watcher is told it, in words. */
export interface Told {
  readonly revision: number
  readonly at: number
  /** In order of the alphabet. */
  readonly changes: readonly string[]
  /** The runs that are there after it, by id. */
  readonly view: ReadonlyMap<string, string>
}

export interface Understood {
  /** Of all runs, in the order in which they came. */
  readonly presences: readonly Presence[]
  readonly told: readonly Told[]
}

/** As `PROTOCOL.md` has it ("Following it"): why an entry has gone stands in the revision in which it went. */
export function understand(revisions: readonly StoreRevision[]): Understood {
  const there = new Map<string, StoredEntry>()
  const open = new Map<string, number>()
  const presences: Presence[] = []
  const told: Told[] = []

  for (const { revision, at, puts, deletes, reasons } of revisions) {
    const changes: string[] = []
    const remove = (id: string, otherwise: string): void => {
      const gone = there.get(id)
      if (gone === undefined) return
      const reason = reasons.get(gone.instance) ?? otherwise
      there.delete(id)
      changes.push(removed(id, gone.run, reason))
      const position = open.get(id) ?? -1
      const presence = presences[position]
      if (presence !== undefined)
        presences[position] = { ...presence, until: at, untilRevision: revision, reason }
    }
    for (const id of deletes) remove(id, 'expired')
    for (const [id, entry] of puts) {
      if (there.get(id)?.instance === entry.instance) continue // put once more
      remove(id, 'replaced')
      there.set(id, entry)
      open.set(
        id,
        presences.push({ id, run: entry.run, from: at, fromRevision: revision, until: Infinity }) - 1,
      )
      changes.push(added(id, entry.run))
    }
    if (changes.length === 0) continue
    const view = new Map([...there].map(([id, { run }]) => [id, run]))
    told.push({ revision, at, changes: changes.sort(), view })
  }
  return { presences, told }
}

export function added(id: string, run: string): string {
  return `added ${id} (${run})`
}

export function removed(id: string, run: string, reason: string): string {
  return `removed ${id} (${run}) ${reason}`
}
