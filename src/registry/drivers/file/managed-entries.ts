/**
 * The managed entries of one registry as last read: reads only the files that changed, and decides what a missing
 * or unreadable file means. Nothing here writes.
 */
import { type ManagedEntry, type OnWarning, WsyardError } from '../../../core/index.js'
import { hasExited } from '../../liveness-rules.js'
import { hasExitedNow, here, isPidTaken } from '../../process-facts.js'
import { entryIn, entryPath, listEntryIds, type RegistryPaths, readEntry, tornMs } from './entry-files.js'
import { fileStamp } from './safe-read.js'

export interface ManagedEntries {
  readonly entries: ReadonlyMap<string, ManagedEntry>
  /** Ids that have a file whose process has exited: to be removed by whoever may write. */
  readonly exited: ReadonlyMap<string, ManagedEntry>
  /** Those whose files have gone within the last second: their directory may be going with them. */
  vanished(): readonly ManagedEntry[]
  /** Ids whose files have held no entry of theirs for so long that no live server can own them. */
  torn(): readonly string[]
  /** Reads the file of one id. Unless `thoroughly`, zombies and reused pids pass for alive until it is checked. */
  load(id: string, thoroughly: boolean): void
  /** Compares all files with what is known and reads those that differ. @throws {WsyardError} unreadable. */
  scan(): void
  /** Moves those whose pids nobody has any more to `exited`. Returns whether there was one. */
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
  const exited = new Map<string, ManagedEntry>()
  const stamps = new Map<string, string>()
  const departures = createDepartures()
  const torn = createTornFiles(paths)

  const forget = (id: string): void => {
    entries.delete(id)
    exited.delete(id)
    torn.delete(id)
    stamps.delete(id)
  }

  /** The file of an id is not there. */
  const depart = (id: string): void => {
    const entry = entries.get(id)
    forget(id)
    if (entry !== undefined) departures.add(entry)
  }

  const load = (id: string, thoroughly: boolean): void => {
    // Before reading: a file replaced meanwhile keeps an old stamp here and is read again by the next scan.
    const stamp = fileStamp(entryPath(paths, id))
    const entry = stamp === undefined ? undefined : readOrWarn(id)
    if (stamp === undefined || entry === undefined) {
      depart(id)
      return
    }
    departures.delete(id)
    stamps.set(id, stamp)
    if (entry === 'unusable') return // what was known of a live server stands until it mends its file
    torn.delete(id)
    const isGone = thoroughly
      ? hasExitedNow(entry)
      : hasExited(entry, here(), () => ({ running: isPidTaken(entry.pid) }))
    entries.delete(id)
    exited.delete(id)
    ;(isGone ? exited : entries).set(id, entry)
  }

  const readOrWarn = (id: string): ManagedEntry | 'unusable' | undefined => {
    try {
      return readEntry(paths, id)
    } catch (error) {
      if (!(error instanceof WsyardError)) throw error
      onWarning(error)
      // What is no file of this user is not ours to remove.
      if (error.code === 'WSYARD_ERR_ENTRY_CORRUPT') torn.add(id)
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
    const before = exited.size
    for (const [id, { pid }] of entries) if (!isPidTaken(pid)) check(id)
    return exited.size > before
  }

  const check = (id: string): boolean => {
    const entry = entries.get(id)
    if (entry === undefined || !hasExitedNow(entry)) return false
    entries.delete(id)
    exited.set(id, entry)
    return true
  }

  return { entries, exited, vanished: departures.recent, torn: torn.old, load, scan, sweep, check, forget }
}

/** Those whose files have been found to be gone, for as long as it may take somebody to remove a directory. */
function createDepartures() {
  const departed = new Map<string, { readonly entry: ManagedEntry; readonly since: number }>()
  const recent = (): ManagedEntry[] => {
    const now = performance.now()
    for (const [id, { since }] of departed) if (now - since > vanishMs) departed.delete(id)
    return Array.from(departed.values(), ({ entry }) => entry)
  }
  return {
    recent,
    add(entry: ManagedEntry): void {
      recent() // forgets those of long ago
      departed.set(entry.id, { entry, since: performance.now() })
    },
    delete: (id: string): boolean => departed.delete(id),
  }
}

/** Files that hold no entry, since they were first found so. */
function createTornFiles(paths: RegistryPaths) {
  /** On the monotonic clock, milliseconds. */
  const tornSince = new Map<string, number>()
  /** Under another id, then: the file system took two names for one, or somebody has renamed the file. */
  const isOfLiveServer = (id: string): boolean => {
    const holder = entryIn(entryPath(paths, id))
    return holder !== undefined && !hasExitedNow(holder)
  }
  return {
    add(id: string): void {
      if (!tornSince.has(id)) tornSince.set(id, performance.now())
    },
    delete: (id: string): boolean => tornSince.delete(id),
    old(): string[] {
      const now = performance.now()
      const old = [...tornSince].filter(([, since]) => now - since > tornMs).map(([id]) => id)
      return old.filter((id) => !isOfLiveServer(id))
    },
  }
}
