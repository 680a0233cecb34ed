/**
 * A registry in etcd that the environment names: whether it answers, and which of its servers are not reached from here.
 */
import { type Entry, reasonOf } from '../../../core/index.js'
import { isWithinReach, networkOf, networksOf, openRegistry } from '../../../registry/index.js'
import { describeServers } from '../../text/describe-server.js'
import type { Check, Found } from '../finding.js'

export const etcd: Check = {
  name: 'etcd',
  well: 'The etcd that WSYARD_REGISTRY names answers, and its servers are within reach.',
  async look() {
    const urls = (process.env.WSYARD_REGISTRY ?? '').split(/\s+/).filter((url) => /^etcds?:/.test(url))
    if (urls.length === 0) return undefined
    return (await Promise.all(urls.map(examine))).flat()
  },
}

async function examine(url: string): Promise<Found[]> {
  const warnings: string[] = []
  const onWarning = ({ message }: Error): void => void warnings.push(message)
  try {
    await using registry = openRegistry({ registry: url, onWarning })
    const entries = await registry.list()
    return [...warnings.map(note), ...findAway(entries), ...findLocked(entries)]
  } catch (error) {
    const cure = 'Start it, or correct WSYARD_REGISTRY (docs/guide/several-machines.md).'
    return [{ level: 'problem', what: reasonOf(error), cure }]
  }
}

function note(what: string): Found {
  return { level: 'note', what, cure: 'Look at what has written it (PROTOCOL.md, "The registry in etcd").' }
}

function findAway(entries: readonly Entry[]): Found[] {
  const networks = networksOf(undefined, 'WSYARD_NETWORKS')
  const away = entries.filter((entry) => !isWithinReach(entry, networks))
  const named = away.filter((entry) => networkOf(entry) !== undefined)
  const nameless = away.filter((entry) => !named.includes(entry))
  const [first] = named.map(networkOf)
  return [
    ...found(named, 'are of machines in no network that may be dialled from here', {
      cure: `Name their networks for commands and hubs, as WSYARD_NETWORKS=${first}.`,
    }),
    ...found(nameless, 'are of other machines and give no address for others', {
      cure: "Let them listen on more than loopback, as createServer({ host: '0.0.0.0' }), or give them WSYARD_ADVERTISE.",
    }),
  ]
}

function findLocked(entries: readonly Entry[]): Found[] {
  const locked = entries.filter(({ auth, token }) => auth === 'token' && token === undefined)
  return found(locked, 'ask for a token that cannot be read here', {
    cure: 'Give all machines one key: ?secret-file=/path in the URL of the registry (docs/reference/etcd.md).',
  })
}

function found(entries: readonly Entry[], what: string, { cure }: Pick<Found, 'cure'>): Found[] {
  if (entries.length === 0) return []
  return [{ level: 'note', what: `These servers ${what}: ${describeServers(entries)}.`, cure }]
}
