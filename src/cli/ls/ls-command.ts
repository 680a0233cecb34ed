/**
 * `wsyard ls`: its options, and where what it prints comes from.
 */
import { homedir } from 'node:os'
import { Command } from 'commander'
import { closeness, defined, toServer } from '../../core/index.js'
import { openRegistry, type RemovedEntry, registryPlace } from '../../registry/index.js'
import { readScope } from '../arguments.js'
import type { CommandContext } from '../commands.js'
import type { Discovered } from '../discover/discovered.js'
import { projectAt } from '../find-server.js'
import { harmlessJson } from '../text/harmless-json.js'
import { formatDiscovered } from './format-discovered.js'
import { formatList } from './format-list.js'

interface LsOptions {
  all?: boolean
  discover?: boolean
  scope?: string
  json?: boolean
}

/** How long a server has to answer before the list calls it unresponsive: people wait for it. */
const patienceMs = 1000

/** What has left is shown for so long. */
const latelyMs = 24 * 3600 * 1000

/** and no more of it than a screen has room for. */
const maxRemoved = 20

const help = `
Servers of this directory's project come first: those that run in its git worktree, or below it where there is no git.
Several of one project with one name have their ids beside it; a narrow terminal shows the ends of those, and --json the whole.
The state is up, unresponsive (alive, and does not answer) or orphaned (alive, and the process on whose behalf it runs has gone).

Examples:
  wsyard ls                        what runs now
  wsyard ls --all                  and what has left lately, with the reason
  wsyard ls --discover             and Jupyter, Node and Chrome inspectors, Storybook, devframe and editors
  wsyard ls --json | jq '.servers[] | select(.name == "worker-a") | .port'`

export function lsCommand({ onWarning }: CommandContext): Command {
  return new Command('ls')
    .option('-a, --all', 'show also the servers that have left lately, and why')
    .option('--discover', 'show also servers that other programs have on record, as inspectors and notebooks')
    .option(
      '--scope <dir>',
      'whose servers come first: those of the project there (default: here)',
      readScope,
    )
    .option('--json', 'print one object: servers, and with --all removed')
    .addHelpText('after', help)
    .action((options: LsOptions) => run(options, onWarning))
}

async function run(
  { all, discover, scope, json }: LsOptions,
  onWarning: (warning: Error) => void,
): Promise<void> {
  await using registry = openRegistry({ onWarning })
  const entries = await registry.list({ patienceMs })
  const removed = all === true ? lately(await registry.removed(), new Date()) : undefined
  const discovered = discover === true ? await discoverOthers(onWarning) : undefined
  const project = projectAt(scope)
  entries.sort((a, b) => closeness(b.scope, project) - closeness(a.scope, project)) // and the oldest first, as they come
  if (json === true) {
    const shown = removed?.map(({ entry, ...removal }) => ({ ...removal, ...stateless(toServer(entry)) }))
    const list = defined({ servers: entries.map(toServer), removed: shown, discovered })
    process.stdout.write(`${harmlessJson(list, 2)}\n`)
    return
  }
  const columns = process.stdout.isTTY ? process.stdout.columns : undefined
  const context = { home: registryPlace(), userHome: homedir(), now: new Date(), project, columns }
  process.stdout.write(formatList(entries, removed, context))
  if (discovered !== undefined) process.stdout.write(`\n${formatDiscovered(discovered, context)}`)
}

async function discoverOthers(onWarning: (warning: Error) => void): Promise<Discovered[]> {
  const { discover } = await import('../discover/discover.js')
  return discover({ home: homedir(), env: process.env, onWarning })
}

function lately(removed: readonly RemovedEntry[], now: Date): RemovedEntry[] {
  const isLate = ({ removedAt }: RemovedEntry): boolean =>
    removedAt === undefined || now.getTime() - Date.parse(removedAt) < latelyMs
  return removed.filter(isLate).slice(0, maxRemoved)
}

/** Of one that has left, there is none. */
function stateless({ state: _, ...server }: ReturnType<typeof toServer>) {
  return server
}
