/**
 * The current view of a registry and everyone who follows it: counts revisions and tells each watcher first the
 * whole, then every change once, in order. Where the entries come from is the drivers' affair.
 */
import { randomBytes } from 'node:crypto'
import {
  type Change,
  type ChangeEvent,
  diffEntries,
  type Entry,
  type RemovalReason,
  type Revision,
  type WatchEvent,
} from '../core/index.js'

export interface Feed {
  readonly entries: ReadonlyMap<string, Entry>
  /** Makes `next` the view, and tells the watchers if that changed anything. Returns whether it did. */
  update(next: ReadonlyMap<string, Entry>, reasonFor: (entry: Entry) => RemovalReason): boolean
  /** The same where only some ids have changed, to an entry or to none: costs nothing for the others. */
  patch(changed: ReadonlyMap<string, Entry | undefined>, reasonFor: (entry: Entry) => RemovalReason): boolean
  /**
   * Adds a watcher. In a microtask it is told what it has missed since `from`, if that is still known, or else the
   * view as it is by then. Returns the undo.
   */
  add(onEvent: (event: WatchEvent) => void, from?: Revision): () => void
}

/** How many changes of entries are remembered for watchers that come back: some minutes of a busy machine. */
const maxRemembered = 4096

interface Watcher {
  /** The last revision it was told of: nothing at or before it is told again. */
  revision: number
  onEvent(event: WatchEvent): void
}

export function createFeed(): Feed {
  const epoch = randomBytes(8).toString('hex')
  const watchers = new Set<Watcher>()
  const queue: ChangeEvent[] = []
  const history = createHistory()
  let entries = new Map<string, Entry>()
  let revision = 0
  let telling = false

  const tell = (watcher: Watcher, event: WatchEvent): void => {
    watcher.revision = event.revision
    try {
      watcher.onEvent(event)
    } catch (error) {
      // A watcher's defect is its program's to hear of, and no reason for the others to miss a change.
      queueMicrotask(() => {
        throw error
      })
    }
  }

  /** A watcher may change the registry from within its event; the queue keeps the order for the others. */
  const tellAll = (): void => {
    if (telling) return
    telling = true
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
      for (const watcher of [...watchers]) {
        if (watchers.has(watcher) && watcher.revision < event.revision) tell(watcher, event)
      }
    }
    telling = false
  }

  const publish = (changes: readonly Change[]): boolean => {
    if (changes.length === 0) return false
    revision += 1
    const event: ChangeEvent = { type: 'change', epoch, revision, changes }
    history.add(event)
    queue.push(event)
    tellAll()
    return true
  }

  const welcome = (watcher: Watcher, from: Revision | undefined): void => {
    const isKnown = from?.epoch === epoch && from.revision <= revision
    const missed = isKnown ? history.last(revision - from.revision) : undefined
    telling = true // what it changes from within these events comes after them
    if (missed === undefined)
      tell(watcher, { type: 'snapshot', epoch, revision, entries: [...entries.values()] })
    else {
      watcher.revision = revision - missed.length
      for (const event of missed) if (watchers.has(watcher)) tell(watcher, event)
    }
    telling = false
    tellAll()
  }

  return {
    get entries() {
      return entries
    },
    update(next, reasonFor) {
      const changes = diffEntries(entries, next, reasonFor)
      if (changes.length > 0) entries = new Map(next)
      return publish(changes)
    },
    patch(changed, reasonFor) {
      const [before, after] = [new Map<string, Entry>(), new Map<string, Entry>()]
      for (const [id, entry] of changed) {
        const present = entries.get(id)
        if (present !== undefined) before.set(id, present)
        if (entry === undefined) entries.delete(id)
        else after.set(id, entry)
      }
      const changes = diffEntries(before, after, reasonFor)
      for (const { type, entry } of changes) if (type !== 'removed') entries.set(entry.id, entry)
      return publish(changes)
    },
    add(onEvent, from) {
      const watcher: Watcher = { revision: -1, onEvent }
      let open = true
      queueMicrotask(() => {
        if (!open) return
        watchers.add(watcher)
        welcome(watcher, from)
      })
      return () => {
        open = false
        watchers.delete(watcher)
      }
    },
  }
}

/** The latest changes, without a gap up to the current revision. */
function createHistory() {
  const events: ChangeEvent[] = []
  let remembered = 0
  return {
    add(event: ChangeEvent): void {
      events.push(event)
      remembered += event.changes.length
      while (remembered > maxRemembered) remembered -= events.shift()?.changes.length ?? 0
    },
    /** So many of them; undefined when they are not all known any more, or that is no number of events. */
    last: (count: number): readonly ChangeEvent[] | undefined =>
      Number.isInteger(count) && count <= events.length ? events.slice(events.length - count) : undefined,
  }
}
