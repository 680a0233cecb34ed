/**
 * When a server that is alive counts as `unresponsive` or `orphaned`, and when it is asked: decisions as functions of what was
 * observed. Asking (sockets, signals) is the registry's part.
 */
import type { EntryState } from '../core/index.js'

/** How long a server may be silent to a probe, or stopped, before it is `unresponsive`, in milliseconds. */
export const silentMs = 5000

/** How often a managed server is asked that answers, while there are few. */
const askMs = 10_000

/** However many there are, this many are asked in a second at most. */
const maxAsksPerSecond = 10

/** What is taken for granted of a server that has just been seen. */
export function firstSeen(now: number): Omit<Observed, 'isManaged'> {
  return { isOrphaned: false, askedAt: now, hasAnswered: true, stoppedSince: undefined }
}

/** What has been observed of one server. Times are on one monotonic clock, in milliseconds. */
export interface Observed {
  /** Whether it registered by file. Other programs never asked to be probed, and might log each time. */
  readonly isManaged: boolean
  /** Whether the owner that it named has gone. */
  readonly isOrphaned: boolean
  /** When it was last asked, or first seen. */
  readonly askedAt: number
  /** Whether the last probe that ended had an answer; true before the first. */
  readonly hasAnswered: boolean
  /** Since when its process has been stopped; undefined while it runs. */
  readonly stoppedSince: number | undefined
}

export function stateOf({ isOrphaned, hasAnswered, stoppedSince }: Observed, now: number): EntryState {
  if (isOrphaned) return 'orphaned'
  const isStopped = stoppedSince !== undefined && now - stoppedSince >= silentMs
  return isStopped || !hasAnswered ? 'unresponsive' : 'up'
}

/**
 * Whether it is time to ask a server, one of `count`. One that is stopped cannot answer and is left alone; one that
 * was silent is asked again at once, and so is heard of as soon as it is well.
 */
export function isProbeDue(
  { isManaged, askedAt, hasAnswered, stoppedSince }: Observed,
  now: number,
  count: number,
): boolean {
  if (!isManaged || stoppedSince !== undefined) return false
  if (!hasAnswered) return true
  return now - askedAt >= Math.max(askMs, (count / maxAsksPerSecond) * 1000)
}
