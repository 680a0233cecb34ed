/**
 * Servers that other machines reach: they listen on all interfaces, often because nobody has said on which.
 */
import { type Entry, isLoopbackHost } from '../../../core/index.js'
import { isOfThisMachine } from '../../../registry/index.js'
import { describeServer } from '../../text/describe-server.js'
import type { Check, Found } from '../finding.js'
import { hostsOf } from '../hosts-of.js'

export const exposed: Check = {
  name: 'exposed',
  well: 'No server listens for other machines.',
  needsEntries: true,
  look: async ({ entries, sockets }) =>
    entries.filter(isOfThisMachine).flatMap((entry) => examine(entry, hostsOf(entry, sockets))),
}

/** @param hosts where it listens; where that is not known, its entry is believed */
function examine(entry: Entry, hosts: readonly string[]): Found[] {
  const { host = '127.0.0.1', port, auth } = entry
  const open = (hosts.length > 0 ? hosts : [host]).filter((one) => !isLoopbackHost(one))
  if (open.length === 0) return []
  const where = `${open.join(' and ')} port ${port}`
  const asks = { open: 'asks for no token', token: 'asks them for its token' }
  const what = `The server ${describeServer(entry)} listens for other machines, at ${where}, and ${
    auth === undefined ? 'its entry names no token that it asks for' : asks[auth]
  }.`
  const cure = `Let it listen on this machine alone, as in listen(port, '127.0.0.1'), and reach it from others through a hub.`
  return [{ level: auth === 'token' ? 'note' : 'problem', what, cure }]
}
