/**
 * Entries without a process: their servers were killed, and no hub was there to clear them away.
 */
import { join } from 'node:path'
import type { Line } from '../../../core/index.js'
import { openRegistry } from '../../../registry/index.js'
import { accepts, isRunning } from '../../discover/alive.js'
import { describeServer } from '../../text/describe-server.js'
import type { Check, Found } from '../finding.js'
import { readIndexFile } from '../index-file.js'
import type { Surroundings } from '../surroundings.js'

/** How long ports have to accept or refuse. */
const dialMs = 1000

export const exited: Check = {
  name: 'exited',
  well: 'Every entry has its process.',
  needsEntries: true,
  async look(surroundings) {
    const { exited: managed, home } = surroundings
    const foreign = await exitedLines(surroundings)
    return [
      ...managed.map((entry) => asFound(entry, home)),
      ...foreign.map((line) => asFound(line, home, ' and nothing listens at its port')),
    ]
  },
}

interface Gone {
  readonly id: string
  readonly name?: string
  readonly pid: number
}

function asFound(entry: Gone, home: string, more = ''): Found {
  const { id, pid } = entry
  return {
    level: 'problem',
    what: `The server ${describeServer(entry)} is registered, but process ${pid} has ended${more}.`,
    cure: 'wsyard doctor --repair takes it out, as does wsyard prune, or any hub as long as it runs.',
    async repair() {
      await using registry = openRegistry({ home })
      await registry.prune() // all of them at once: the next repair finds nothing left to do
      return `Took "${id}" out.`
    },
  }
}

/** Lines that other programs wrote into the index, whose pid nobody has and whose port refuses. */
async function exitedLines({ home, entries, exited: managed }: Surroundings): Promise<Gone[]> {
  const index = readIndexFile(join(home, 'servers.json'))
  if (typeof index === 'string' || !('lines' in index)) return []
  const taken = new Set([...entries, ...managed].map(({ id }) => id))
  const signal = AbortSignal.timeout(dialMs)
  const gone = await Promise.all(
    index.lines.map(async (line) => {
      const read = readForeign(line)
      if (read === undefined || taken.has(read.id) || isRunning(read.pid)) return []
      return (await accepts(read.port, signal)) ? [] : [read]
    }),
  )
  return gone.flat()
}

function readForeign({ id, pid, port, instance }: Line): (Gone & { port: number }) | undefined {
  if (typeof instance === 'string') return undefined
  if (typeof id !== 'string' || typeof pid !== 'number' || typeof port !== 'number') return undefined
  return Number.isInteger(pid) && pid > 0 && Number.isInteger(port) && port > 0 && port <= 65_535
    ? { id, pid, port }
    : undefined
}
