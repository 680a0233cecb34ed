/**
 * Brings `servers.json` in step with `servers.d`, without locks: compute what it should say, stop if it says so, else
 * replace it, unless somebody else just has, and look again. Whoever is slow or stopped in between repairs its own stale index that way, and whoever
 * is killed there is repaired by the next look of any live server or hub.
 */
import { renameSync, rmSync } from 'node:fs'
import {
  addedForeignLines,
  emptyIndex,
  entryToLine,
  foreignLines,
  formatIndex,
  type Index,
  isRecord,
  type Line,
  lineKey,
  type ManagedEntry,
  type OnWarning,
  parseIndex,
  reasonOf,
  reconcileIndex,
  WsyardError,
} from '../../../core/index.js'
import { listEntryIds, type RegistryPaths, readEntry } from './entry-files.js'
import { fileStamp, type OpenFile, openSafely, replaceFileIf } from './safe-file.js'

/** Largest index that is read: room for 20,000 entries with a few labels each (0.4 KB a line). */
const maxIndexBytes = 8 * 1024 * 1024

/** A pass takes about a millisecond; after this long the caller's event loop goes first. */
const patienceMs = 100

/**
 * How long what was carried over is looked after: its writer may be in the middle of its next read-modify-write, whose
 * reading missed it.
 */
const confirmMs = 100

/** How long to step aside for whoever is writing the index just now. */
const stepMs = 2

/** How long a half-written index is given to become whole: a plain `writeFileSync` truncates the file first. */
const settleMs = 50

/** The same when it is known to have been whole a moment ago, so that somebody must be writing. */
const settleWrittenMs = 250

/** What the caller knows besides what the disk says. */
export interface SyncKnowledge {
  /** An entry that the caller knows better than the index does. */
  entryOf?(id: string): ManagedEntry | undefined
  /** Whether a foreign line must go because its server is provably dead. */
  isForeignGone?(line: unknown): boolean
  /** Foreign lines to put back when the index is missing, empty or corrupt. One that is in order is believed. */
  foreignOnLoss?(): readonly Line[]
  onWarning: OnWarning
}

/**
 * Reads the index without changing anything; undefined when there is none that can be used.
 *
 * @throws {WsyardError} as `openSafely` does.
 */
export function readIndex(paths: RegistryPaths): Index | undefined {
  const file = openSafely(paths.index, maxIndexBytes)
  try {
    const content = file === undefined ? 'empty' : settle(file, settleMs)
    return content === 'empty' || content === 'corrupt' ? undefined : content
  } finally {
    file?.close()
  }
}

export interface IndexSync {
  /**
   * Runs the loop. Returns false when it is not over: run it again a few milliseconds later.
   *
   * @throws {WsyardError} when the index can be neither read nor set aside, or cannot be written.
   */
  run(): boolean
}

export function createIndexSync(paths: RegistryPaths, knowledge: SyncKnowledge): IndexSync {
  const carried = createCarried()
  return {
    run() {
      const start = performance.now()
      while (!syncOnce(paths, knowledge, carried)) {
        if (performance.now() - start > patienceMs) return false
      }
      return carried.isSettled()
    },
  }
}

/**
 * Lines that a foreign writer put into a file which had already lost its name to ours: to be put into its successor.
 * What it took out there is not carried over: a server that leaves is found dead soon enough, and a writer's old
 * reading must not take out what was put back since.
 */
interface Carried {
  readonly lines: Iterable<Line>
  add(lines: readonly Line[]): void
  /** Whether nothing is left to look after. */
  isSettled(): boolean
}

function createCarried(): Carried {
  const lines = new Map<string, Line>()
  let addedAt = 0
  return {
    lines: { [Symbol.iterator]: () => lines.values() },
    add(added) {
      if (added.length > 0) addedAt = performance.now()
      for (const line of added) lines.set(lineKey(line), line)
    },
    isSettled() {
      if (lines.size > 0 && performance.now() - addedAt < confirmMs) return false
      lines.clear()
      return true
    },
  }
}

/** One turn of the loop. Returns true when the index said what it should. */
function syncOnce(paths: RegistryPaths, knowledge: SyncKnowledge, carried: Carried): boolean {
  const file = openSafely(paths.index, maxIndexBytes)
  try {
    const before = file?.stamp()
    const content = file === undefined ? 'empty' : settle(file, settleMs)
    if (file !== undefined && content === 'corrupt') {
      carried.add(setAside(paths, file, knowledge.onWarning))
      return false
    }
    const lost = content === 'empty' || content === 'corrupt'
    const current = lost ? emptyIndex : content
    const wanted = reconcileIndex(current, {
      managedIds: listEntryIds(paths),
      lineFor: (id, present) => lineFor(paths, id, present, knowledge),
      isForeignGone: knowledge.isForeignGone,
      restore: [...carried.lines, ...((lost && knowledge.foreignOnLoss?.()) || [])],
    })
    if (wanted === current) return true

    if (!replaceFileIf(paths.index, file?.inode, formatIndex(wanted))) pause(stepMs)
    else if (file !== undefined && file.stamp() !== before) carried.add(addedSince(current, file))
    return false
  } catch (error) {
    // Nested too deep to be written again: valid JSON, but no index of anybody's.
    if (!(error instanceof RangeError) || file === undefined) throw error
    setAside(paths, file, knowledge.onWarning)
    return false
  } finally {
    file?.close()
  }
}

/** Foreign lines that were written into a file after `base` was read from it. Only its descriptor still sees them. */
function addedSince(base: Index, file: OpenFile): readonly Line[] {
  const content = settle(file, settleWrittenMs)
  return content === 'empty' || content === 'corrupt' ? [] : addedForeignLines(base, content)
}

/** The index line of an entry that has a file. What the index has is believed unless the caller knows better. */
function lineFor(
  paths: RegistryPaths,
  id: string,
  present: Line | undefined,
  { entryOf, onWarning }: SyncKnowledge,
): Line | undefined {
  const known = entryOf?.(id)
  if (known !== undefined) return entryToLine(known)
  if (present !== undefined) return present
  try {
    const entry = readEntry(paths, id)
    return entry === undefined ? undefined : entryToLine(entry)
  } catch (error) {
    if (!(error instanceof WsyardError)) throw error
    onWarning(error)
    return undefined
  }
}

/** The index in an open file, once whoever is writing it has finished. */
function settle(file: OpenFile, patience: number): Index | 'empty' | 'corrupt' {
  const start = performance.now()
  for (;;) {
    const text = readIfFits(file)
    const index = text === undefined ? undefined : parseIndex(text)
    if (index !== undefined) return index
    if (text === undefined || performance.now() - start > patience)
      return text?.trim() === '' ? 'empty' : 'corrupt'
    pause(stepMs)
  }
}

/** Waits without giving up the thread: all of this happens between two turns of the event loop. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

function readIfFits(file: OpenFile): string | undefined {
  try {
    return file.read()
  } catch (error) {
    if (error instanceof WsyardError) return undefined
    throw error
  }
}

/**
 * Moves a corrupt index out of the way, so that nothing in it is lost and a new one can be made.
 *
 * @returns the foreign lines of an index that turned out to be in order after all: its writer finished just then.
 */
function setAside(paths: RegistryPaths, file: OpenFile, onWarning: OnWarning): readonly Line[] {
  if (file.stamp() !== fileStamp(paths.index)) return []
  const aside = `${paths.index}.corrupt-${new Date().toISOString().replaceAll(':', '-')}`
  try {
    renameSync(paths.index, aside)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    const message = `${paths.index} is not a registry index, and cannot be moved away: ${reasonOf(cause)}. Make its directory writable for this user.`
    throw new WsyardError('WSYARD_ERR_INDEX_CORRUPT', message, { cause, path: paths.index })
  }
  const lines = recoverLines(aside)
  if (lines !== undefined) {
    rmSync(aside, { force: true })
    return lines
  }
  const message = `${paths.index} was not a registry index. It is kept as ${aside} and a new one is made; remove that file when nothing in it is needed.`
  onWarning(new WsyardError('WSYARD_ERR_INDEX_CORRUPT', message, { path: aside }))
  return []
}

function recoverLines(path: string): Line[] | undefined {
  const file = openSafely(path, maxIndexBytes)
  try {
    const text = file === undefined ? undefined : readIfFits(file)
    const index = text === undefined ? undefined : parseIndex(text)
    if (index === undefined) return undefined
    formatIndex(index) // throws if it is nested too deep to be written again
    return foreignLines(index).filter(isRecord)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  } finally {
    file?.close()
  }
}
