/**
 * Keeps entries in this process's memory: for tests, and for a hub and servers that share one process.
 */
import type { Entry, ManagedEntry } from '../../core/index.js'
import type { RemovedEntry } from '../registry.js'
import { type Driver, idTaken, type ViewListener } from './driver.js'

/** How many that have left are remembered. */
const maxRemoved = 100

export function createMemoryDriver(): Driver {
  const entries = new Map<string, Entry>()
  const listeners = new Set<ViewListener>()
  const removed: RemovedEntry[] = []

  const tell = (listener: ViewListener): void => listener.onEntries(new Map(entries), () => 'deregistered')
  const remove = (id: string, instance?: string): boolean => {
    const present = entries.get(id)
    if (present === undefined || (instance !== undefined && present.instance !== instance)) return false
    entries.delete(id)
    removed.unshift({ entry: present, reason: 'deregistered', removedAt: new Date().toISOString() })
    removed.splice(maxRemoved)
    listeners.forEach(tell)
    return true
  }

  return {
    async put(entry: ManagedEntry) {
      const present = entries.get(entry.id)
      if (present !== undefined && present.instance !== entry.instance) throw idTaken(present)
      entries.set(entry.id, entry)
      listeners.forEach(tell)
    },
    release() {},
    async remove(id, instance) {
      return remove(id, instance)
    },
    removeAtExit(gone) {
      for (const { id, instance } of gone) remove(id, instance)
    },
    async list() {
      return [...entries.values()]
    },
    async prune() {
      return []
    },
    async removed() {
      return [...removed]
    },
    async view(listener) {
      listeners.add(listener)
      tell(listener)
      return {
        check() {}, // nothing here ends by itself
        close: () => void listeners.delete(listener),
      }
    },
    async close() {},
  }
}
