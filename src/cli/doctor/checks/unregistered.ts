/**
 * Servers of wsyard without an entry: the registry could not be written when they started, or an entry that nobody looks after was removed.
 */
import { connect } from 'node:net'
import { isLoopbackHost, isWildcardHost } from '../../../core/index.js'
import { type Listener, openRegistry } from '../../../registry/index.js'
import { ask } from '../answer.js'
import { askForSocket } from '../ask-for-socket.js'
import type { Check, Found } from '../finding.js'
import { describeProcess, homeOfProcess, isSamePlace } from '../processes.js'
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
    const { sockets, warnings } = surroundings
    if (sockets === undefined || warnings.length > 0) return undefined // its entry may be one that could not be read
    const signal = AbortSignal.timeout(askMs)
    const candidates = candidatesIn(surroundings)
    const found = await Promise.all(candidates.map((socket) => examine(socket, surroundings.home, signal)))
    return found.flat()
  },
}

/** What listens on loopback, has no entry, and would register here by its environment: others register elsewhere. */
function candidatesIn({ entries, sockets = [], home }: Surroundings): Listener[] {
  const known = new Set(entries.map(({ port }) => port))
  const byPort = new Map<number, Listener>()
  for (const socket of sockets) {
    const { host, port, pid } = socket
    const isNear = isLoopbackHost(host) || isWildcardHost(host)
    if (isNear && !known.has(port) && !byPort.has(port) && isOfHome(pid, home)) byPort.set(port, socket)
  }
  return [...byPort.values()].slice(0, maxPorts)
}

function isOfHome(pid: number, home: string): boolean {
  const named = homeOfProcess(pid)
  return named !== undefined && isSamePlace(named, home)
}

async function examine(socket: Listener, home: string, signal: AbortSignal): Promise<Found[]> {
  const kind = await kindOf(socket, signal).catch(() => undefined)
  if (kind === undefined) return []
  const { pid, port } = socket
  const what = `A server of wsyard at port ${port}, ${describeProcess(pid)}, is in no entry of ${home}.`
  if (kind === 'token') {
    const cure = `Restart it: its token stood in its entry, and nobody else knows it.`
    return [{ level: 'problem', what, cure }]
  }
  const cure = `wsyard register --port ${port} --pid ${pid}, or wsyard doctor --repair, or restart it.`
  return [{ level: 'problem', what, cure, repair: () => register(socket, home) }]
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

async function register({ pid, host, port }: Listener, home: string): Promise<string> {
  await using registry = openRegistry({ home })
  const isBack = await until(
    async () => (await registry.list()).some((entry) => entry.port === port),
    comeBackMs,
  )
  if (isBack) return `The server at port ${port} has put its entry back by itself.`
  const registration = await registry.register({ port, pid, host })
  registration.release()
  return `Registered the server at port ${port}, process ${pid}, as "${registration.id}".`
}
