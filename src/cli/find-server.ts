/**
 * Which server somebody means who names one by its id or its name: of several with that name, the one of the project that they are in.
 */
import { closeness, compareByStart, type Entry, findServer, notFound, WsyardError } from '../core/index.js'
import { type ListOptions, openRegistry, projectOf } from '../registry/index.js'
import { closest } from './text/closest.js'
import { harmlessLine } from './text/format-message.js'
import { say } from './text/say.js'

/** A server as somebody names it, whichever has that name at the time. */
export interface Wanted {
  /** An id or a name. */
  readonly key: string
  /** The root of the project on whose behalf they ask; undefined where there is none. */
  readonly project: string | undefined
  /** Whether they said themselves which project they mean: then servers of others are none that they mean. */
  readonly isStrict: boolean
}

/** What is said of `--scope` in the help of every command that has it. */
export const scopeHelp = 'the project that is meant, by a directory in it (default: that of the current one)'

/** @param directory of the project that is meant, if it is not the current one */
export function wantedServer(key: string, directory?: string): Wanted {
  const isStrict = directory !== undefined
  return { key, project: projectAt(directory), isStrict }
}

/** The root of the project that a directory belongs to, or else that of this process; undefined where that has been removed. */
export function projectAt(directory?: string): string | undefined {
  try {
    return projectOf(directory ?? process.cwd())
  } catch {
    return undefined
  }
}

/** The server that is meant, of those that there are. */
export function choose(
  { key, project, isStrict }: Wanted,
  entries: ReadonlyMap<string, Entry>,
): Entry | undefined {
  if (!isStrict) return findServer(entries, key, project)
  const meant = [...entries].filter(([id, { scope }]) => id === key || closeness(scope, project) > 0)
  return findServer(new Map(meant), key, project)
}

/** Those that run now. @throws {WsyardError} as `Registry.list` does. */
export async function listServers(
  onWarning: (warning: Error) => void,
  options: ListOptions = {},
): Promise<ReadonlyMap<string, Entry>> {
  const registry = openRegistry({ onWarning })
  try {
    return new Map((await registry.list(options)).map((entry) => [entry.id, entry]))
  } finally {
    await registry.close()
  }
}

/** How long servers have to answer of which one that answers is taken: people wait for it. */
const patienceMs = 1000

/**
 * The server that is meant, and says which that is where there is a choice.
 *
 * @throws {WsyardError} `WSYARD_ERR_SERVER_NOT_FOUND`, and as `Registry.list` does.
 */
export async function lookUp(wanted: Wanted, onWarning: (warning: Error) => void): Promise<Entry> {
  let entries = await listServers(onWarning)
  let entry = choose(wanted, entries)
  if (entry !== undefined && equalsOf(wanted, entries, entry).length > 0) {
    entries = await listServers(onWarning, { patienceMs }) // which of them is up decides
    entry = choose(wanted, entries)
  }
  if (entry === undefined)
    throw new WsyardError('WSYARD_ERR_SERVER_NOT_FOUND', describeAbsence(wanted, entries))
  const choice = describeChoice(wanted, entries, entry)
  if (choice !== undefined) say(choice)
  return entry
}

/**
 * The others with its name that are as close to the project, of this machine's own registry as it is or not: which of them is taken goes by
 * how they are, and by their age.
 */
function equalsOf({ key, project }: Wanted, entries: ReadonlyMap<string, Entry>, chosen: Entry): Entry[] {
  if (chosen.id === key) return []
  const near = closeness(chosen.scope, project)
  return [...entries.values()].filter(
    (entry) =>
      entry.name === key &&
      entry.id !== chosen.id &&
      closeness(entry.scope, project) === near &&
      isShared(entry) === isShared(chosen),
  )
}

/** Whether it comes from a registry that several machines share, which is asked for a name when this machine's own has none. */
function isShared({ source }: Entry): boolean {
  return source !== undefined
}

function describeAbsence({ key, project }: Wanted, entries: ReadonlyMap<string, Entry>): string {
  const elsewhere = findServer(entries, key) // which was not meant, as its project is another
  if (elsewhere !== undefined)
    return harmlessLine(
      `No server of ${project} has the id or name "${key}". One of ${placeOf(elsewhere) ?? 'no project'} has: ${elsewhere.id}.`,
    )
  const labels = [...entries.values()].flatMap(({ id, name }) => (name === undefined ? [id] : [name, id]))
  const meant = closest(key, labels)
  return notFound(entries, key).message + (meant === undefined ? '' : ` Did you mean ${meant}?`)
}

/** How many servers that were not chosen are named. */
const maxOthers = 3

/** Says which server of several with one name was chosen, and where the others are; undefined where there was nothing to choose. */
export function describeChoice(
  wanted: Wanted,
  entries: ReadonlyMap<string, Entry>,
  chosen: Entry,
): string | undefined {
  const { key, project, isStrict } = wanted
  const nearness = ({ scope }: Entry): number => closeness(scope, project)
  const named = [...entries.values()].filter(
    (entry) => entry.name === key && (!isStrict || nearness(entry) > 0),
  )
  if (chosen.id === key || named.length < 2) return undefined
  const others = named.filter(({ id }) => id !== chosen.id)
  const rank = rankOf(chosen, equalsOf(wanted, entries, chosen))
  const isOwn = !isShared(chosen) && others.some(isShared)
  const whose = nearness(chosen) > 0 ? ` of ${isStrict ? 'that' : 'this'} project` : ''
  const of = isOwn && whose === '' ? " of this machine's own registry" : whose
  const branch = chosen.scope?.branch === undefined ? '' : `, branch ${chosen.scope.branch}`
  const where = others.slice(0, maxOthers).map((other) => {
    const isBeside = nearness(other) > 0 && nearness(other) === nearness(chosen)
    const place = isBeside ? undefined : placeOf(other)
    return place === undefined ? other.id : `in ${place} (${other.id})`
  })
  const more = others.length - where.length
  const rest = `${where.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  return harmlessLine(
    `${named.length} servers are called ${key}: this is ${rank}${of} (${chosen.id}${branch}); ` +
      `the other${others.length === 1 ? ' is' : 's are'} ${rest}. Name one by its id, or its project by --scope.`,
  )
}

/** What a server is among those that might have been chosen in its place. */
function rankOf(chosen: Entry, equals: readonly Entry[]): string {
  if (equals.length === 0) return 'the one'
  return equals.some((other) => compareByStart(other, chosen) > 0) ? 'the newest that is up' : 'the newest'
}

function placeOf({ scope }: Entry): string | undefined {
  return scope?.worktree ?? scope?.directory
}
