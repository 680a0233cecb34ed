/**
 * Places for handshakes, a few at a time. Chromium slows a page down by seconds that opens many WebSockets at once, and all
 * the more when some of them fail: so the doubtful wait behind the others, and never take every place.
 */
import type { SnapshotServer } from '../core/index.js'

/**
 * Calls `start` when there is a place.
 *
 * @param doubt how unlikely it is to succeed: 0 for a server that has never failed
 * @returns what gives the place back, or takes it out of the queue. Works twice
 */
export type DialQueue = (doubt: number, start: () => void) => () => void

/** From here on a server counts as doubtful: it failed before, or is known not to answer. */
export const doubtful = 2

/** How unlikely it is that a server answers that has not been tried yet. A foreign one, which has no instance, is often a dead one. */
export function doubtOf({ instance, state }: Pick<SnapshotServer, 'instance' | 'state'>): number {
  return Number(!instance) + (state === 'up' ? 0 : doubtful)
}

export function createDialQueue(places: number): DialQueue {
  const waiting = new Set<{ doubt: number; start(): void }>()
  const taken = new Set<unknown>()

  const next = (): void => {
    const [first] = [...waiting].sort((a, b) => a.doubt - b.doubt) // those of equal doubt stay in their order
    if (!first || taken.size >= (first.doubt < doubtful ? places : places / 2)) return
    waiting.delete(first)
    taken.add(first)
    first.start()
    next()
  }

  return (doubt, start) => {
    const place = { doubt, start }
    waiting.add(place)
    next()
    return () => {
      waiting.delete(place)
      if (taken.delete(place)) next()
    }
  }
}
