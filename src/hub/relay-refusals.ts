/**
 * What the relay says of servers that it does not dial.
 */
import type { Entry, Refusal } from '../core/index.js'

/** Says why a server is not dialled. */
export function elsewhere({ id, host = 'localhost', port }: Entry): Refusal {
  const message = `The server "${id}" is not dialled at ${host} port ${port}: the hub dials servers of its own machine alone, and never itself. Run a hub where the server runs.`
  return { code: 'SERVER_ELSEWHERE', message }
}

/** Says that there are too many. */
export function full(maxRelays: number): Refusal {
  const message = `${maxRelays} WebSockets go through this hub, and it takes no more: close some, or raise the option maxRelays of createHub.`
  return { code: 'HUB_FULL', message }
}
