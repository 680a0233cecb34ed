/**
 * A registry that is shared with another machine, a container or WSL, where a pid here means nothing.
 */
import { existsSync, statfsSync } from 'node:fs'
import type { Entry } from '../../../core/index.js'
import { isOfThisMachine, thisMachine } from '../../../registry/index.js'
import { describeServers } from '../../text/describe-server.js'
import { nameOfFileSystem } from '../file-systems.js'
import type { Check, Found } from '../finding.js'

const cure =
  'Give each side a registry of its own, by another SHIPYARD_HOME, and a hub of its own (docs/recipes/remote-and-containers.md).'

export const shared: Check = {
  name: 'shared',
  well: 'The registry is of this machine alone.',
  needsEntries: true,
  async look({ entries, home }) {
    const others = entries
      .filter(({ machine }) => machine !== undefined)
      .filter((one) => !isOfThisMachine(one))
    const host = hostOf(thisMachine())
    const near = others.filter(({ machine }) => hostOf(machine) === host)
    const far = others.filter(({ machine }) => hostOf(machine) !== host)
    return [
      ...foreign(near, 'another pid namespace of this machine, as a container has'),
      ...foreign(far, 'another machine'),
      ...fileSystem(home),
    ]
  },
}

function foreign(entries: readonly Entry[], place: string): Found[] {
  if (entries.length === 0) return []
  const what = `These servers are of ${place}: ${describeServers(entries)}. They are never judged by their pids, and stay if they are killed there.`
  return [{ level: 'note', what, cure }]
}

function fileSystem(home: string): Found[] {
  const name = existsSync(home) ? nameOfFileSystem(statfsSync(home).type) : undefined
  if (name === undefined) return []
  const what = `${home} is on ${name}, which tells nobody of changes that another machine makes: they are found within a second, by looking.`
  return [{ level: 'note', what, cure, where: home }]
}

/** The first part of `Entry.machine`. */
function hostOf(machine: string | undefined): string | undefined {
  return machine?.split('.')[0]
}
