/**
 * When to try again what has failed: almost at once, then a little later each time, and after many failures in a row rarely, as a circuit
 * breaker does. The one policy of all that connects; time and chance are passed in.
 */

/** What has just been lost is often there again at once, and if not, trying tells the hub to look. */
const firstMs = 10

/** The second pause; each further one is twice as long, up to `longestMs`. */
const secondMs = 100
const longestMs = 5000

/** After so many failures in a row whoever tries rests, and after each further one. */
const failuresUntilRest = 8
const restMs = 30_000

/** What has held for so long was good: after it the count of failures begins anew. */
const goodMs = 5000

/** How it stands with trying. */
export interface Retry {
  /** In a row. */
  readonly failures: number
  /** Nothing is to be tried before this time. */
  readonly dueAt: number
  /** How long the rest is, if this is one: the long pause after many failures. */
  readonly restMs?: number
}

/** That of what has never failed. */
export const untried: Retry = { failures: 0, dueAt: 0 }

export interface Failure {
  /** The time, in milliseconds of a clock that never goes back. */
  readonly now: number
  /** From 0 to 1: shortens the pause by up to a half, so that many who failed at once do not come back at once. */
  readonly chance: number
  /** How long it had held before, in milliseconds. @default 0 */
  readonly heldMs?: number
  /** Whether the other side said no, and means it: then it is not tried again at once. @default false */
  readonly isRefusal?: boolean
  /** The longest pause, rests too, in milliseconds. @default no limit */
  readonly limitMs?: number
}

/** How it stands after one failure more. */
export function retryAfter(
  { failures }: Retry,
  { now, chance, heldMs = 0, isRefusal = false, limitMs = restMs }: Failure,
): Retry {
  const inARow = Math.max(heldMs > goodMs ? 1 : failures + 1, isRefusal ? 2 : 1)
  const isResting = inARow >= failuresUntilRest
  const growingMs = inARow === 1 ? firstMs : Math.min(secondMs * 2 ** (inARow - 2), longestMs)
  const pauseMs = Math.min(isResting ? restMs : growingMs, limitMs) * (1 - chance / 2)
  return { failures: inARow, dueAt: now + pauseMs, ...(isResting && { restMs: pauseMs }) }
}
