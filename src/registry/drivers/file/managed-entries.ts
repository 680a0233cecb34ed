/**
 * The managed entries of one registry as last read: reads only the files that changed, and decides what a missing
 * or unreadable file means. Nothing here writes.
 */
import { type ManagedEntry, type OnWarning, WsyardError } from '../../../core/index.js'
import { hasExited } from '../../liveness-rules.js'
import { hasEnded, here, isPidTaken } from '../../process-facts.js'
import { entryIn, entryPath, listEntryIds, type RegistryPaths, readEntry, tornMs } from './entry-files.js'
import { fileStamp } from './safe-read.js'

export interface ManagedEntries {
  readonly entries: ReadonlyMap<string, ManagedEntry>
  /** Ids that have a file whose process has ended: to be removed by whoever may write. */
  readonly dead: ReadonlyMap<string, ManagedEntry>
  /** Those whose files have gone within the last second: their directory may be going with them. */
  vanished(): readonly ManagedEntry[]
  /** Ids whose files have held no entry of theirs for so long that no live server can own them. */
  torn(): readonly string[]
  /** Reads the file of one id. Unless `thoroughly`, zombies and reused pids pass for alive until it is checked. */
  load(id: string, thoroughly: boolean): void
  /** Compares all files with what is known and reads those that differ. @throws {WsyardError} unreadable. */
  scan(): void
  /** Moves those whose pids nobody has any more to `dead`. Returns whether there was one. */
  sweep(): boolean
  /** The same for one, thoroughly: zombies and reused pids are found too. */
  check(id: string): boolean
  /** Forgets an id of which nothing is left on disk. */
  forget(id: string): void
}

/** How long the removal of a directory may take, from the first of its files on. */
const vanishMs = 1000

export function createManagedEntries(paths: RegistryPaths, onWarning: OnWarning): ManagedEntries {
  const entries = new Map<string, ManagedEntry>()
  const dead = new Map<string, ManagedEntry>()
  const stamps = new Map<string, string>()
  /** What had a file until lately, with the time at which that was found to be gone. */
  const departed = new Map<string, { readonly entry: ManagedEntry; readonly since: number }>()
  /** Since when files have held no entry, on the monotonic clock. */
  const unusable = new Map<string, number>()

  const forget = (id: string): void => {
    entries.delete(id)
    dead.delete(id)
    unusable.delete(id)
    stamps.delete(id)
  }

  /** The file of an id is not there. */
  const depart = (id: string): void => {
    const entry = entries.get(id)
    forget(id)
    vanished() // forgets those of long ago
    if (entry !== undefined) departed.set(id, { entry, since: performance.now() })
  }

  const vanished = (): ManagedEntry[] => {
    const now = performance.now()
    for (const [id, { since }] of departed) if (now - since > vanishMs) departed.delete(id)
    return Array.from(departed.values(), ({ entry }) => entry)
  }

  const load = (id: string, thoroughly: boolean): void => {
    // Before reading: a file replaced meanwhile keeps an old stamp here and is read again by the next scan.
    const stamp = fileStamp(entryPath(paths, id))
    const entry = stamp === undefined ? undefined : readOrWarn(id)
    if (stamp === undefined || entry === undefined) {
      depart(id)
      return
    }
    departed.delete(id)
    stamps.set(id, stamp)
    if (entry === 'unusable') return // what was known of a live server stands until it mends its file
    unusable.delete(id)
    const isGone = thoroughly
      ? hasEnded(entry)
      : hasExited(entry, here(), () => ({ running: isPidTaken(entry.pid) }))
    entries.delete(id)
    dead.delete(id)
    ;(isGone ? dead : entries).set(id, entry)
  }

  const readOrWarn = (id: string): ManagedEntry | 'unusable' | undefined => {
    try {
      return readEntry(paths, id)
    } catch (error) {
      if (!(error instanceof WsyardError)) throw error
      onWarning(error)
      // What is no file of this user is not ours to remove.
      if (error.code === 'WSYARD_ERR_ENTRY_CORRUPT' && !unusable.has(id)) unusable.set(id, performance.now())
      return 'unusable'
    }
  }

  const scan = (): void => {
    const present = listEntryIds(paths)
    for (const id of stamps.keys()) if (!present.has(id)) depart(id)
    for (const id of present) {
      if (stamps.get(id) !== fileStamp(entryPath(paths, id))) load(id, true)
    }
  }

  const sweep = (): boolean => {
    const before = dead.size
    for (const [id, { pid }] of entries) if (!isPidTaken(pid)) check(id)
    return dead.size > before
  }

  const check = (id: string): boolean => {
    const entry = entries.get(id)
    if (entry === undefined || !hasEnded(entry)) return false
    entries.delete(id)
    dead.set(id, entry)
    return true
  }

  const torn = (): string[] => {
    const now = performance.now()
    const old = [...unusable].filter(([, since]) => now - since > tornMs).map(([id]) => id)
    return old.filter((id) => !isOfLiveServer(id))
  }

  /** Under another id, then: the file system took two names for one, or somebody has renamed the file. */
  const isOfLiveServer = (id: string): boolean => {
    const holder = entryIn(entryPath(paths, id))
    return holder !== undefined && !hasEnded(holder)
  }

  return { entries, dead, vanished, torn, load, scan, sweep, check, forget }
}
