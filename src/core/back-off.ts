/**
 * How long to wait after failures in a row: a little longer each time, and after too many of them a long rest.
 */

/** What has just been lost is often there again at once, and if not, trying tells the hub to look. */
const firstMs = 10

/** The second pause; each further one is twice as long, up to `longestMs`. */
const secondMs = 100
const longestMs = 5000

/** After so many failures in a row whoever tries rests, and after each further one. */
const failuresUntilRest = 8
const restMs = 30_000

export interface BackOff {
  readonly pauseMs: number
  /** Whether this is the long rest after many failures. */
  readonly isResting: boolean
}

/**
 * @param failures in a row, 1 or more
 * @param chance from 0 to 1: shortens the pause by up to a half, so that many who failed at once do not come back at once
 */
export function backOff(failures: number, chance: number): BackOff {
  const isResting = failures >= failuresUntilRest
  const growingMs = failures === 1 ? firstMs : Math.min(secondMs * 2 ** (failures - 2), longestMs)
  return { pauseMs: (isResting ? restMs : growingMs) * (1 - chance / 2), isResting }
}
