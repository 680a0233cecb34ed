/**
 * Servers that are not where their entries say: `localhost` was `::1` for the one and 127.0.0.1 for the other, or the port is another
 * program's by now.
 */
import { addressesOf, type Entry, reasonOf } from '../../../core/index.js'
import { isOfThisMachine, isRunning, listenerAt, reach } from '../../../registry/index.js'
import { describeServer } from '../../text/describe-server.js'
import type { Check, Found } from '../finding.js'
import { hostsOf } from '../hosts-of.js'
import { describeProcess } from '../processes.js'

/** The system accepts at once, or refuses. */
const reachMs = 5000

export const addresses: Check = {
  name: 'addresses',
  well: 'Every server listens where its entry says, on 127.0.0.1.',
  needsEntries: true,
  async look({ entries, sockets }) {
    const own = entries.filter((entry) => isOfThisMachine(entry) && isRunning(entry))
    const signal = AbortSignal.timeout(reachMs)
    const found = await Promise.all(own.map((entry) => examine(entry, hostsOf(entry, sockets), signal)))
    return found.flat()
  },
}

async function examine(entry: Entry, hosts: readonly string[], signal: AbortSignal): Promise<Found[]> {
  const { port, host = '127.0.0.1' } = entry
  const server = `The server ${describeServer(entry)}`
  const place = `${host} port ${port}`
  if (addressesOf(entry).length === 0) {
    const what = `${server} is registered at ${place}, and no hub dials an address that is not loopback.`
    return [{ level: 'problem', what, cure: cureFor('127.0.0.1') }]
  }
  const outcome = await tryReach(entry, signal)
  if (outcome === 'reached') {
    if (hosts.length === 0 || hosts.some((one) => one !== '::1')) return []
    const says = entry.host === undefined ? 'does not say so' : 'says so'
    const what = `${server} listens on ::1 alone, port ${port}, and ${says}: what dials 127.0.0.1 does not reach it.`
    return [{ level: 'note', what, cure: cureFor('127.0.0.1') }]
  }
  if (hosts.length > 0) {
    const what = `${server} is registered at ${place}, and listens on ${hosts.join(' and ')}: nobody reaches it by its entry.`
    return [{ level: 'problem', what, cure: cureFor(hosts[0] ?? '') }]
  }
  if (outcome === 'replaced') {
    const pid = listenerAt(port)
    const other = pid === undefined ? 'another process' : describeProcess(pid)
    const what = `${server} is process ${entry.pid} by its entry, and ${other} listens at port ${port}.`
    return [{ level: 'problem', what, cure: restart(entry) }]
  }
  const what = `${server} is registered at ${place}, and its process ${entry.pid} does not listen there: ${outcome}.`
  return [{ level: 'problem', what, cure: restart(entry) }]
}

/** `replaced`: another process accepts there. Else why nobody does. */
async function tryReach(entry: Entry, signal: AbortSignal): Promise<string> {
  try {
    const { token: _, ...open } = entry // which is of this machine, and is sent nothing
    const reached = await reach(open, signal)
    reached?.socket.destroy()
    return reached === undefined ? 'replaced' : 'reached'
  } catch (error) {
    return reasonOf(error)
  }
}

function cureFor(host: string): string {
  const advice = `Let it listen on 127.0.0.1, as in listen(port, '127.0.0.1'): "localhost" is ::1 on many machines.`
  return host === '127.0.0.1' ? advice : `${advice} Or register it with the host "${host}".`
}

function restart(entry: Entry): string {
  return `Restart it, or take its entry out: wsyard deregister ${entry.id}.`
}
