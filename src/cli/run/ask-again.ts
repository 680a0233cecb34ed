/**
 * When a port is asked again that has not accepted a WebSocket.
 */
import { type Retry, retryAfter } from '../../core/index.js'

/** In its first minute a server may be starting still. */
const startMs = 60_000

/** So long is it unknown at most once it has started. */
const startPauseMs = 1000

/** How it stands after one more refusal, given for how long the port is there. */
export function askAgain(
  retry: Retry,
  { now, chance, ageMs }: { readonly now: number; readonly chance: number; readonly ageMs: number },
): Retry {
  return retryAfter(retry, { now, chance, ...(ageMs < startMs && { limitMs: startPauseMs }) })
}
