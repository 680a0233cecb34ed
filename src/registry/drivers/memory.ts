/**
 * Keeps entries in this process's memory: for tests, and for a hub and servers that share one process.
 */
import type { Entry, ManagedEntry } from '../../core/index.js'
import { createFeed } from '../feed.js'
import { type Driver, idTaken } from './driver.js'

export function createMemoryDriver(): Driver {
  const feed = createFeed()

  const set = (id: string, entry: Entry | undefined): void => {
    const next = new Map(feed.entries)
    if (entry === undefined) next.delete(id)
    else next.set(id, entry)
    feed.update(next, () => 'deregistered')
  }
  const remove = (id: string, instance?: string): boolean => {
    const present = feed.entries.get(id)
    if (present === undefined || (instance !== undefined && present.instance !== instance)) return false
    set(id, undefined)
    return true
  }

  const put = async (entry: ManagedEntry): Promise<void> => {
    const present = feed.entries.get(entry.id)
    if (present !== undefined && present.instance !== entry.instance) throw idTaken(present)
    set(entry.id, entry)
  }

  return {
    put,
    keep: put,
    async remove(id, instance) {
      return remove(id, instance)
    },
    removeAtExit(entries) {
      for (const { id, instance } of entries) remove(id, instance)
    },
    async list() {
      return [...feed.entries.values()]
    },
    check() {}, // nothing here ends by itself
    watch: (onEvent, { from } = {}) => feed.add(onEvent, from),
    async close() {},
  }
}
