/**
 * What the relay says of servers that it does not dial.
 */
import type { Entry, Refusal } from '../core/index.js'
import { networkOf, sharesLoopback } from '../registry/index.js'

/**
 * Says why a server is not dialled that is not within reach.
 *
 * @param networksOption how the hub is told of networks
 */
export function elsewhere(entry: Entry, networksOption: string): Refusal {
  return notDialled(entry, reasonFor(entry, networksOption))
}

/** Says that what is asked for is the hub, or was asked for through another one. */
export function itself(entry: Entry): Refusal {
  return notDialled(entry, ofOwnMachine)
}

const ofOwnMachine =
  'the hub dials servers of its own machine alone, and never itself. Run a hub where the server runs.'

function notDialled({ id, host = 'localhost', port }: Entry, why: string): Refusal {
  const message = `The server "${id}" is not dialled at ${host} port ${port}: ${why}`
  return { code: 'SERVER_ELSEWHERE', message }
}

function reasonFor(entry: Entry, networksOption: string): string {
  const network = networkOf(entry)
  if (network !== undefined)
    return `its machine is in no network that this hub dials. Add one to ${networksOption}, or to WSYARD_NETWORKS, as ${network}.`
  if (!sharesLoopback(entry))
    return 'it runs on another machine and gives no address for others. Let it listen on more than loopback, or give it the option advertise.'
  return ofOwnMachine
}

/** Says that there are too many. */
export function full(maxRelays: number): Refusal {
  const message = `${maxRelays} WebSockets go through this hub, and it takes no more: close some, or raise the option maxRelays of createHub.`
  return { code: 'HUB_FULL', message }
}
