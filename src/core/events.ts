/**
 * What a watch tells, and how it folds: a snapshot first, then every change once, in order. The registry's watchers, the
 * hub's push and the page's list all speak these events, and none of them folds in a way of its own.
 */
import type { Entry } from './entry.js'

/** Why an entry is no longer there. */
export type RemovalReason = (typeof removalReasons)[number]

export const removalReasons = ['deregistered', 'exited', 'replaced', 'expired'] as const

/** One step from one view of the registry to the next. */
export type Change<E = Entry, Reason = RemovalReason> =
  | { readonly type: 'added'; readonly entry: E }
  | { readonly type: 'updated'; readonly entry: E }
  | { readonly type: 'removed'; readonly entry: E; readonly reason: Reason }

/** A point in the history of one view of a registry. */
export interface Revision {
  /** Names one unbroken count of revisions. Revisions of different epochs cannot be compared. */
  readonly epoch: string
  readonly revision: number
}

/** The whole registry at one revision: what a watcher is told first. */
export interface SnapshotEvent<E = Entry> extends Revision {
  readonly type: 'snapshot'
  readonly entries: readonly E[]
}

/** What changed from one revision to the next. */
export interface ChangeEvent<E = Entry> extends Revision {
  readonly type: 'change'
  /** The previous event's revision plus one. */
  readonly revision: number
  readonly changes: readonly Change<E>[]
}

export type WatchEvent<E = Entry> = SnapshotEvent<E> | ChangeEvent<E>

/** What an event must say to be folded. */
type Foldable<E> = Pick<SnapshotEvent<E>, 'type' | 'entries'> | Pick<ChangeEvent<E>, 'type' | 'changes'>

/** What must be known of an entry for it to be told from the others and from other runs of its server. */
type Run = Pick<Entry, 'id' | 'instance'>

/**
 * Brings a view in step with an event.
 *
 * @param onChange hears of each change after it is in the view: those that the event tells, or those by which a snapshot
 *   differs from the view. Why an entry is missing from a snapshot is not known.
 */
export function applyEvent<E extends Run>(
  view: Map<string, E>,
  event: Foldable<E>,
  onChange: (change: Change<E, RemovalReason | undefined>) => void = () => {},
): void {
  const changes: readonly Change<E, RemovalReason | undefined>[] =
    event.type === 'change'
      ? event.changes
      : diffEntries(view, new Map(event.entries.map((entry) => [entry.id, entry])), () => undefined)
  for (const change of changes) {
    const { type, entry } = change
    if (type === 'removed') view.delete(entry.id)
    else view.set(entry.id, entry)
    onChange(change)
  }
}

/**
 * Compares two views. Removals come first, so that a name that moved to a new server is never held twice.
 *
 * An entry whose `instance` changed under the same id is another run: it is removed as `replaced`, then added.
 *
 * @param reasonFor says why an entry that is missing from `next` has gone.
 */
export function diffEntries<E extends Run, Reason = RemovalReason>(
  previous: ReadonlyMap<string, E>,
  next: ReadonlyMap<string, E>,
  reasonFor: (entry: E) => Reason,
): Change<E, Reason | 'replaced'>[] {
  const changes: Change<E, Reason | 'replaced'>[] = []
  const isOther = (one: E | undefined, { instance }: E): boolean => !one || one.instance !== instance
  for (const [id, entry] of previous) {
    const successor = next.get(id)
    if (isOther(successor, entry))
      changes.push({ type: 'removed', entry, reason: successor ? 'replaced' : reasonFor(entry) })
  }
  for (const [id, entry] of next) {
    const predecessor = previous.get(id)
    const isNew = isOther(predecessor, entry)
    if (isNew || !isSame(predecessor, entry)) changes.push({ type: isNew ? 'added' : 'updated', entry })
  }
  return changes
}

/** Whether two values say the same as JSON, as entries do, whatever objects they are. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
