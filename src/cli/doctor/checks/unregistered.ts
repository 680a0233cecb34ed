/**
 * Servers of wsyard without an entry: the registry could not be written when they started, or an entry that nobody looks after was removed.
 * Or they were told another registry, which nobody can see from outside: so nothing is done about it here.
 */
import { connect } from 'node:net'
import { isLoopbackHost, isWildcardHost } from '../../../core/index.js'
import { type Listener, openRegistry } from '../../../registry/index.js'
import { ask } from '../answer.js'
import { askForSocket } from '../ask-for-socket.js'
import type { Check, Found } from '../finding.js'
import { describeProcess, homeOfProcess, isNode, isSamePlace } from '../processes.js'
import type { Surroundings } from '../surroundings.js'
import { until } from '../until.js'

/** How many ports are asked, */
const maxPorts = 64

/** and how long all of them have to answer. */
const askMs = 1000

/** A server that looks after its entry puts it back within six seconds. */
const comeBackMs = 7000

export const unregistered: Check = {
  name: 'unregistered',
  well: 'Every server of wsyard that runs here is registered.',
  needsEntries: true,
  async look(surroundings) {
    const { sockets, warnings, home } = surroundings
    if (sockets === undefined || warnings.length > 0) return undefined // its entry may be one that could not be read
    const signal = AbortSignal.timeout(askMs)
    const asked = candidatesIn(surroundings).map(async (socket) => {
      const kind = await kindOf(socket, signal).catch(() => undefined)
      return kind === undefined ? [] : [{ socket, kind }]
    })
    const found = (await Promise.all(asked)).flat()
    const missing = await stillMissing(
      found.map(({ socket }) => socket.port),
      home,
    )
    return found
      .filter(({ socket }) => missing.has(socket.port))
      .map(({ socket, kind }) => asFound(socket, kind, home))
  },
}

/** The ports of which no server has put its entry back. */
async function stillMissing(ports: readonly number[], home: string): Promise<ReadonlySet<number>> {
  const missing = new Set(ports)
  if (missing.size === 0) return missing
  await using registry = openRegistry({ home })
  await until(async () => {
    for (const { port } of await registry.list()) missing.delete(port)
    return missing.size === 0
  }, comeBackMs)
  return missing
}

/** What listens on loopback, has no entry, is run by Node, and would register here by its environment: others register elsewhere. */
function candidatesIn({ entries, sockets = [], home }: Surroundings): Listener[] {
  const known = new Set(entries.map(({ port }) => port))
  const byPort = new Map<number, Listener>()
  for (const socket of sockets) {
    const { host, port, pid } = socket
    const isNear = isLoopbackHost(host) || isWildcardHost(host)
    if (isNear && !known.has(port) && !byPort.has(port) && isNode(pid) && isOfHome(pid, home))
      byPort.set(port, socket)
  }
  return [...byPort.values()].slice(0, maxPorts)
}

function isOfHome(pid: number, home: string): boolean {
  const named = homeOfProcess(pid)
  return named !== undefined && isSamePlace(named, home)
}

function asFound({ pid, port }: Listener, kind: 'open' | 'token', home: string): Found {
  const what = `A server of wsyard at port ${port}, ${describeProcess(pid)}, is in no entry of ${home}.`
  const cures = {
    open: `If it belongs there: wsyard register --port ${port} --pid ${pid}, or restart it.`,
    token: 'If it belongs there, restart it: its token stood in its entry, and nobody else knows that.',
  }
  return { level: 'note', what, cure: cures[kind] }
}

/** Whether a server of wsyard listens there, and if so whether it asks for a token. Rejects when nobody answers. */
async function kindOf({ host, port }: Listener, signal: AbortSignal): Promise<'open' | 'token' | undefined> {
  const address = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  const authority = `${address.includes(':') ? `[${address}]` : address}:${port}`
  const { status, code } = await ask(`http://${authority}/`, {}, signal)
  if (status !== 426 || code !== 'UPGRADE_NEEDED') return undefined
  const answer = await askForSocket(
    { socket: connect({ host: address, port }), authority, path: '/' },
    signal,
  )
  return answer.status === 401 ? 'token' : 'open'
}
