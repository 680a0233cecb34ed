/**
 * The table that `wsyard ls` prints. Pure.
 */
import { closeness, type Entry, type EntryState } from '../../core/index.js'
import type { RemovedEntry } from '../../registry/index.js'
import { formatAge } from '../text/format-age.js'
import { type Cell, formatTable } from '../text/format-table.js'
import { formatWhere, withTilde } from '../text/format-where.js'

export interface ListContext {
  /** The registry's directory, named when it is empty. */
  home: string
  /** What `~` stands for. */
  userHome: string
  now: Date
  /** The root of the project whose servers stand apart from all others. */
  project: string | undefined
  /** How many cells a line of the terminal has; undefined where there is none. */
  columns: number | undefined
}

const heading = ['NAME', 'STATE', 'PORT', 'PID', 'UP', 'AUTH', 'WHERE']

/** What says least of a server is given up first, for where it runs, in a narrow terminal. */
const spare = ['AUTH', 'UP']

const stateStyle: Readonly<Record<EntryState, 'green' | 'yellow' | 'magenta'>> = {
  up: 'green',
  unresponsive: 'yellow',
  orphaned: 'magenta',
}

/**
 * A line for each server under a heading, those of the project apart from all others; and what to do when there is none.
 *
 * @param removed what has left lately, the latest first; undefined when nobody asked
 */
export function formatList(
  entries: readonly Entry[],
  removed: readonly RemovedEntry[] | undefined,
  context: ListContext,
): string {
  const { home, userHome, project, columns } = context
  const labelOf = labelsFor(entries)
  const isOwn = ({ scope }: Entry): boolean => closeness(scope, project) > 0
  const rowsOf = (some: readonly Entry[]) => some.map((entry) => rowOf(entry, labelOf(entry), context))
  const own = rowsOf(entries.filter(isOwn))
  const others = rowsOf(entries.filter((entry) => !isOwn(entry)))
  const gone = (removed ?? []).map((one) => goneRowOf(one, context))
  const table = formatTable(
    heading,
    [
      { rows: own },
      { rows: others, ...(own.length > 0 && { title: 'elsewhere' }) },
      { rows: gone, title: 'left lately' },
    ],
    columns,
    spare,
  )
  const nothing = entries.length === 0 ? nothingRuns(withTilde(home, userHome)) : ''
  if (gone.length > 0) return nothing === '' ? table : `${nothing}\n${table}`
  return `${nothing || table}${removed === undefined ? '' : '\nNothing has left lately.\n'}`
}

function nothingRuns(home: string): string {
  return `No servers are registered in ${home}.

Start one that registers itself, with createServer() from wsyard/server;
run any other with                     wsyard run -- <command>
or add one that listens already with   wsyard register --port <port>
`
}

/** The shortest end of an id that is shown in its place. */
const leastTail = 6

/**
 * The name of a server; its id where it has none. Where others of its project have the same name, by which `--scope` cannot tell them
 * apart, its id stands behind it: in a narrow terminal the end of that, which tells them apart.
 */
function labelsFor(entries: readonly Entry[]): (entry: Entry) => Cell {
  const idsOf = new Map<string, string[]>()
  const keyOf = ({ name, scope }: Entry): string =>
    JSON.stringify([name, scope?.worktree ?? scope?.directory])
  for (const entry of entries) {
    const ids = idsOf.get(keyOf(entry))
    if (ids === undefined) idsOf.set(keyOf(entry), [entry.id])
    else ids.push(entry.id)
  }
  const tailLengths = new Map(Array.from(idsOf, ([key, ids]) => [key, tailLengthOf(ids)]))
  return (entry) => {
    const { id, name } = entry
    const length = tailLengths.get(keyOf(entry))
    if (name === undefined) return { text: id }
    if (length === undefined) return { text: name }
    const tail = id.slice(-length)
    return { text: `${name} ${id}`, short: `${name} ${tail.length < id.length - 1 ? `…${tail}` : id}` }
  }
}

/** How many signs of their ends tell these ids apart; undefined for one alone. */
function tailLengthOf(ids: readonly string[]): number | undefined {
  if (ids.length === 1) return undefined
  const count = new Set(ids).size
  for (let length = leastTail; ; length += 1)
    if (new Set(ids.map((id) => id.slice(-length))).size === count) return length
}

function rowOf(entry: Entry, label: Cell, { now, userHome }: ListContext): Cell[] {
  const { state, port, pid, startedAt, auth } = entry
  const up = startedAt === undefined ? '-' : formatAge(now.getTime() - Date.parse(startedAt))
  return [
    label,
    { text: state, style: stateStyle[state] },
    { text: String(port) },
    { text: String(pid) },
    { text: up },
    { text: auth ?? '-' },
    { text: formatWhere(entry, userHome) },
  ]
}

/** In the place of its state the reason, and of how long it has been up how long it has been gone. */
function goneRowOf({ entry, reason, removedAt }: RemovedEntry, { now, userHome }: ListContext): Cell[] {
  const { id, name = id, port, pid, auth = '-' } = entry
  const ago = removedAt === undefined ? '-' : `${formatAge(now.getTime() - Date.parse(removedAt))} ago`
  const texts = [name, reason, String(port), String(pid), ago, auth, formatWhere(entry, userHome)]
  return texts.map((text, column) => ({ text, style: column === 1 && reason === 'exited' ? 'red' : 'dim' }))
}
