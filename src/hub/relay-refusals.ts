/**
 * What the relay says of servers that it does not dial.
 */
import { isIP } from 'node:net'
import { type Entry, isLoopbackHost, type Refusal } from '../core/index.js'
import { sharesLoopback } from '../registry/index.js'

/** Says why a server is not dialled. */
export function elsewhere(entry: Entry): Refusal {
  const { id, host = 'localhost', port } = entry
  const what = `The server "${id}" is not dialled at ${host} port ${port}`
  return { code: 'SERVER_ELSEWHERE', message: `${what}: ${reasonFor(entry)}` }
}

function reasonFor(entry: Entry): string {
  const { host = 'localhost' } = entry
  const family = isIP(host)
  if (family !== 0 && !isLoopbackHost(host))
    return `its machine is in no network that this hub dials. Add one to the option networks of createHub, or to WSYARD_NETWORKS, as ${host}/${family === 4 ? 32 : 128}.`
  if (!sharesLoopback(entry))
    return 'it runs on another machine and gives no address for others. Let it listen on more than loopback, or give it the option advertise.'
  return 'the hub dials servers of its own machine alone, and never itself. Run a hub where the server runs.'
}

/** Says that there are too many. */
export function full(maxRelays: number): Refusal {
  const message = `${maxRelays} WebSockets go through this hub, and it takes no more: close some, or raise the option maxRelays of createHub.`
  return { code: 'HUB_FULL', message }
}
