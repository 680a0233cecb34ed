/**
 * Which server somebody means who names one by its id or its name: of several with that name, the one of the project that they are in.
 */
import { resolve } from 'node:path'
import { closeness, type Entry, findServer, notFound, WsyardError } from '../core/index.js'
import { openRegistry, projectOf } from '../registry/index.js'
import { closest } from './text/closest.js'
import { harmlessLine } from './text/format-message.js'
import { say } from './text/say.js'

/** A server as somebody names it, whichever has that name at the time. */
export interface Wanted {
  /** An id or a name. */
  readonly key: string
  /** The root of the project on whose behalf they ask. */
  readonly project: string
  /** Whether they said themselves which project they mean: then servers of others are none that they mean. */
  readonly isStrict: boolean
}

/** What is said of `--scope` in the help of every command that has it. */
export const scopeHelp = 'the project that is meant, by a directory in it (default: that of the current one)'

/** @param directory of the project that is meant, if it is not the current one */
export function wantedServer(key: string, directory?: string): Wanted {
  const isStrict = directory !== undefined
  return { key, project: projectOf(resolve(directory ?? '.')), isStrict }
}

/** The server that is meant, of those that there are. */
export function choose(
  { key, project, isStrict }: Wanted,
  entries: ReadonlyMap<string, Entry>,
): Entry | undefined {
  const found = findServer(entries, key, project)
  const isMeant = found?.id === key || !isStrict || closeness(found?.scope, project) > 0
  return isMeant ? found : undefined
}

/** Those that run now. @throws {WsyardError} as `Registry.list` does. */
export async function listServers(onWarning: (warning: Error) => void): Promise<ReadonlyMap<string, Entry>> {
  const registry = openRegistry({ onWarning })
  try {
    return new Map((await registry.list()).map((entry) => [entry.id, entry]))
  } finally {
    await registry.close()
  }
}

/**
 * The server that is meant, and says which that is where there is a choice.
 *
 * @throws {WsyardError} `WSYARD_ERR_SERVER_NOT_FOUND`, and as `Registry.list` does.
 */
export async function lookUp(wanted: Wanted, onWarning: (warning: Error) => void): Promise<Entry> {
  const entries = await listServers(onWarning)
  const entry = choose(wanted, entries)
  if (entry === undefined)
    throw new WsyardError('WSYARD_ERR_SERVER_NOT_FOUND', describeAbsence(wanted, entries))
  const choice = describeChoice(wanted, entries, entry)
  if (choice !== undefined) say(choice)
  return entry
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
  { key, project, isStrict }: Wanted,
  entries: ReadonlyMap<string, Entry>,
  chosen: Entry,
): string | undefined {
  const isOfProject = ({ scope }: Entry): boolean => closeness(scope, project) > 0
  const named = [...entries.values()].filter(
    (entry) => entry.name === key && (!isStrict || isOfProject(entry)),
  )
  if (chosen.id === key || named.length < 2) return undefined
  const others = named.filter(({ id }) => id !== chosen.id)
  const rank = others.some(isOfProject) || !isOfProject(chosen) ? 'the newest' : 'the one'
  const of = isOfProject(chosen) ? ` of ${isStrict ? 'that' : 'this'} project` : ''
  const branch = chosen.scope?.branch === undefined ? '' : `, branch ${chosen.scope.branch}`
  const where = others.slice(0, maxOthers).map((other) => {
    const place = isOfProject(other) ? undefined : placeOf(other)
    return place === undefined ? other.id : `in ${place} (${other.id})`
  })
  const more = others.length - where.length
  const rest = `${where.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  return harmlessLine(
    `${named.length} servers are called ${key}: this is ${rank}${of} (${chosen.id}${branch}); ` +
      `the other${others.length === 1 ? ' is' : 's are'} ${rest}. Name one by its id, or its project by --scope.`,
  )
}

function placeOf({ scope }: Entry): string | undefined {
  return scope?.worktree ?? scope?.directory
}
