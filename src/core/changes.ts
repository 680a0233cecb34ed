/**
 * The difference between two views of a registry, as the changes that lead from one to the other.
 */
import type { Entry } from './entry.js'

/** Why an entry is no longer there. */
export type RemovalReason = 'deregistered' | 'exited' | 'replaced' | 'expired'

/** One step from one view of the registry to the next. */
export type Change =
  | { readonly type: 'added'; readonly entry: Entry }
  | { readonly type: 'updated'; readonly entry: Entry }
  | { readonly type: 'removed'; readonly entry: Entry; readonly reason: RemovalReason }

/**
 * Compares two views. Removals come first, so that a name that moved to a new server is never held twice.
 *
 * An entry whose `instance` changed under the same id is another run: it is removed as `replaced`, then added.
 *
 * @param reasonFor says why an entry that is missing from `next` has gone.
 */
export function diffEntries(
  previous: ReadonlyMap<string, Entry>,
  next: ReadonlyMap<string, Entry>,
  reasonFor: (entry: Entry) => RemovalReason,
): Change[] {
  const removed: Change[] = []
  const present: Change[] = []
  for (const [id, entry] of previous) {
    const successor = next.get(id)
    if (successor === undefined) removed.push({ type: 'removed', entry, reason: reasonFor(entry) })
    else if (successor.instance !== entry.instance)
      removed.push({ type: 'removed', entry, reason: 'replaced' })
  }
  for (const [id, entry] of next) {
    const predecessor = previous.get(id)
    if (predecessor === undefined || predecessor.instance !== entry.instance)
      present.push({ type: 'added', entry })
    else if (!isSame(predecessor, entry)) present.push({ type: 'updated', entry })
  }
  return [...removed, ...present]
}

/** Whether two values say the same as JSON, as entries do, whatever objects they are. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
