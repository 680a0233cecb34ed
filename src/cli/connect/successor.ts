/**
 * With whom a conversation goes on whose connection was lost. Pure.
 */
import { closeness, type Entry, findServer } from '../../core/index.js'

/** Whether nobody can come in a server's place: it has no name, and its id was made up for this run. */
export function isForOneRun({ id, name }: Entry): boolean {
  return name === undefined && /^server-\d{13}-/.test(id)
}

/**
 * Finds the server to connect to in the place of the first one: of its name, of its own project and of the registry that it was in, as its
 * namesake of another worktree is another server, and so is one that others have registered. Somebody who named it by its id gets it back
 * for as long as it runs.
 *
 * @param key by which the first one was named
 */
export function successorOf(
  { id, name, scope, source }: Entry,
  key: string,
): (entries: ReadonlyMap<string, Entry>) => Entry | undefined {
  const root = scope?.worktree ?? scope?.directory
  const isOfProject = (other: Entry): boolean =>
    root === undefined ? other.scope === undefined : closeness(other.scope, root) > 0
  const isOfRegistry = (other: Entry): boolean => other.source === source
  return (all) => {
    const entries = new Map([...all].filter(([, entry]) => isOfRegistry(entry)))
    const itself = key === id ? entries.get(id) : undefined
    if (itself !== undefined || name === undefined) return itself
    return findServer(new Map([...entries].filter(([, entry]) => isOfProject(entry))), name, root)
  }
}
