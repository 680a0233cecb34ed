/**
 * Why there is no connection to a server, in words, and what to do about it.
 */
import { type ConnectionReason, describeReason, type RemovalReason } from 'wsyard/client'
import { maxPlaces, type Places } from '../model/places.js'
import type { ShownServer } from '../model/shown-servers.js'

const goneWords: Record<RemovalReason, string> = {
  deregistered: 'It has stopped.',
  exited: 'Its process has ended without a word.',
  replaced: 'It was restarted.',
  expired: 'Its machine does not answer.',
}

/** What can be said of a server besides that it is connected. */
export function reasonText(server: ShownServer, places: Places): string | undefined {
  const { gone, reason, state, id, connection } = server
  if (gone !== undefined) return goneWords[gone.reason ?? 'deregistered']
  if (reason !== undefined) return describeReason(reason)
  if (state === 'orphaned') return 'It runs on, though the process that it was started for has gone.'
  if (state === 'unresponsive') return 'Its process runs and does not answer.'
  if (connection !== 'disconnected' || places.held.value.has(id)) return undefined
  return places.isLeft(id)
    ? 'You have disconnected it.'
    : `Not connected: a page holds ${maxPlaces} connections, as a browser takes few more. Connect it in its panel.`
}

/** What to do where `describeReason` does not say it. */
const steps: Partial<Record<ConnectionReason['code'], string>> = {
  SERVER_GONE: 'Start it again: this page connects by itself.',
  SERVER_UNREACHABLE: 'It may still be starting, or has closed its port. Look at its output, or restart it.',
  SERVER_SILENT: 'Look what its process does; one that hangs needs a restart.',
  CONNECTION_CLOSED: "Code and reason are the server's own: look at its output.",
  CONNECTION_LOST: 'It is tried again by itself. If that goes on, look at the output of the server.',
  BROWSER_BLOCKS:
    'Click “Ask the browser” above. If it does not ask: click the sign left of the address, and allow this site to reach your local network.',
  HUB_UNREACHABLE: 'Start the hub again: this page finds it by itself.',
}

export function nextStep({ code }: ConnectionReason): string | undefined {
  return steps[code]
}
