/**
 * The current view of a registry and everyone who follows it: counts revisions and tells each watcher first the
 * whole, then every change once, in order. Where the entries come from is the drivers' affair.
 */
import { randomBytes } from 'node:crypto'
import {
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
  /** The latest changes, without a gap up to the current revision. */
  const history: ChangeEvent[] = []
  let remembered = 0
  let entries: ReadonlyMap<string, Entry> = new Map()
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

  const remember = (event: ChangeEvent): void => {
    history.push(event)
    remembered += event.changes.length
    while (remembered > maxRemembered) remembered -= history.shift()?.changes.length ?? 0
  }

  /** What came after a revision; undefined when that is unknown, forgotten, or yet to come. */
  const since = (from: Revision | undefined): readonly ChangeEvent[] | undefined => {
    if (from?.epoch !== epoch || from.revision > revision) return undefined
    const missed = history.filter((event) => event.revision > from.revision)
    return missed.length === revision - from.revision ? missed : undefined
  }

  const welcome = (watcher: Watcher, from: Revision | undefined): void => {
    const missed = since(from)
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
      if (changes.length === 0) return false
      entries = next
      revision += 1
      const event: ChangeEvent = { type: 'change', epoch, revision, changes }
      remember(event)
      queue.push(event)
      tellAll()
      return true
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
