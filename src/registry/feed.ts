/**
 * The current view of a registry and everyone who follows it: counts revisions and tells each watcher first the
 * whole, then every change once, in order. Where the entries come from is the drivers' affair.
 */
import { randomBytes } from 'node:crypto'
import { diffEntries, type Entry, type RemovalReason } from '../core/index.js'
import type { ChangeEvent, WatchEvent } from './registry.js'

export interface Feed {
  readonly entries: ReadonlyMap<string, Entry>
  /** Makes `next` the view, and tells the watchers if that changed anything. Returns whether it did. */
  update(next: ReadonlyMap<string, Entry>, reasonFor: (entry: Entry) => RemovalReason): boolean
  /** Adds a watcher; its snapshot comes in a microtask, of the view as it is by then. Returns the undo. */
  add(onEvent: (event: WatchEvent) => void): () => void
}

interface Watcher {
  /** The last revision it was told of: nothing at or before it is told again. */
  revision: number
  onEvent(event: WatchEvent): void
}

export function createFeed(): Feed {
  const epoch = randomBytes(8).toString('hex')
  const watchers = new Set<Watcher>()
  const queue: ChangeEvent[] = []
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

  return {
    get entries() {
      return entries
    },
    update(next, reasonFor) {
      const changes = diffEntries(entries, next, reasonFor)
      if (changes.length === 0) return false
      entries = next
      revision += 1
      queue.push({ type: 'change', epoch, revision, changes })
      tellAll()
      return true
    },
    add(onEvent) {
      const watcher: Watcher = { revision: -1, onEvent }
      let open = true
      queueMicrotask(() => {
        if (!open) return
        watchers.add(watcher)
        tell(watcher, { type: 'snapshot', epoch, revision, entries: [...entries.values()] })
      })
      return () => {
        open = false
        watchers.delete(watcher)
      }
    },
  }
}
