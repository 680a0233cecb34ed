/**
 * Servers that register elsewhere: `SHIPYARD_HOME` was set or left over in one terminal and not in the other.
 */
import { existsSync } from 'node:fs'
import type { Entry } from '../../../core/index.js'
import { openRegistry } from '../../../registry/index.js'
import { describeServers } from '../../text/describe-server.js'
import type { Check, Found } from '../finding.js'
import { homeOfProcess, isSamePlace } from '../processes.js'
import { shellWord } from '../shell-word.js'
import type { Surroundings } from '../surroundings.js'

/** A machine has a few registries; one with more has been made by a program for itself, as tests do. */
const maxHomes = 32

export const elsewhere: Check = {
  name: 'elsewhere',
  well: 'No server of this user registers in another directory.',
  async look(surroundings) {
    const { home, defaultHome } = surroundings
    const found: Found[] = []
    for (const other of otherHomes(surroundings)) {
      const entries = await serversIn(other)
      if (entries.length === 0) continue
      const isLeftOver = other === defaultHome && !existsSync(home)
      found.push({
        level: isLeftOver ? 'problem' : 'note',
        what: isLeftOver
          ? `SHIPYARD_HOME names ${home}, which is not there, and these servers register in ${other}: ${describeServers(entries)}.`
          : `These servers register in ${other}, and not in ${home}: ${describeServers(entries)}.`,
        cure: `Use one registry for all: ${
          other === defaultHome ? 'unset SHIPYARD_HOME' : `export SHIPYARD_HOME=${shellWord(other)}`
        }, or start them with SHIPYARD_HOME=${shellWord(home)}.`,
        where: other,
      })
    }
    return found
  },
}

/** The usual directory, and those that processes which listen were told of. */
function otherHomes({ home, defaultHome, sockets = [] }: Surroundings): string[] {
  const pids = new Set(sockets.map(({ pid }) => pid))
  const homes = [defaultHome ?? [], ...Array.from(pids, (pid) => homeOfProcess(pid) ?? [])].flat()
  return [...new Set(homes)]
    .filter((other) => existsSync(other) && !isSamePlace(other, home))
    .slice(0, maxHomes)
}

/** None of a directory that is none, or that is not to be read: who uses that hears of it there. */
async function serversIn(home: string): Promise<Entry[]> {
  try {
    await using registry = openRegistry({ home })
    return await registry.list()
  } catch {
    return []
  }
}
