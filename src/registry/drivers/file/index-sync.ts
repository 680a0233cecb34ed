/**
 * Brings `servers.json` in step with `servers.d`, without locks: compute what it should say, stop if it says so, else
 * replace it and look again. Whoever is slow or stopped in between repairs its own stale index that way, and whoever
 * is killed there is repaired by the next look of any live server or hub.
 */
import { renameSync, rmSync } from 'node:fs'
import {
  emptyIndex,
  entryToLine,
  foreignChanges,
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
import { fileStamp, type OpenFile, openSafely, replaceFile } from './safe-file.js'

/** Largest index that is read: room for 20,000 entries with a few labels each (0.4 KB a line). */
const maxIndexBytes = 8 * 1024 * 1024

/** A pass takes about a millisecond; after this many the caller's event loop goes first. */
const maxPasses = 8

/** How long a half-written index is given to become whole: a plain `writeFileSync` truncates the file first. */
const settleTries = 25
const settleStepMs = 2

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
    const content = file === undefined ? 'empty' : settle(file)
    return content === 'empty' || content === 'corrupt' ? undefined : content
  } finally {
    file?.close()
  }
}

/**
 * Runs the loop. Returns false when others kept changing the registry meanwhile: look again a little later then.
 *
 * @throws {WsyardError} when the index can be neither read nor set aside, or cannot be written.
 */
export function syncIndex(paths: RegistryPaths, knowledge: SyncKnowledge): boolean {
  const carried: Carried = { added: [], removed: new Set() }
  for (let pass = 0; pass < maxPasses; pass += 1) {
    if (syncOnce(paths, knowledge, carried)) return true
  }
  return false
}

/** What a foreign writer did to a file that we had already replaced: to be done to its successor. */
interface Carried {
  readonly added: Line[]
  readonly removed: Set<string>
}

/** One turn of the loop. Returns true when the index said what it should. */
function syncOnce(paths: RegistryPaths, knowledge: SyncKnowledge, carried: Carried): boolean {
  const file = openSafely(paths.index, maxIndexBytes)
  try {
    const before = file?.stamp()
    const content = file === undefined ? 'empty' : settle(file)
    if (file !== undefined && content === 'corrupt') {
      carried.added.push(...setAside(paths, file, knowledge.onWarning))
      return false
    }
    const lost = content === 'empty' || content === 'corrupt'
    const current = lost ? emptyIndex : content
    const wanted = reconcileIndex(current, {
      managedIds: listEntryIds(paths),
      lineFor: (id, present) => lineFor(paths, id, present, knowledge),
      isForeignGone: (line) =>
        knowledge.isForeignGone?.(line) === true ||
        (carried.removed.size > 0 && carried.removed.has(lineKey(line))),
      restore: lost ? [...carried.added, ...(knowledge.foreignOnLoss?.() ?? [])] : carried.added,
    })
    if (wanted === current) return true

    replaceFile(paths.index, formatIndex(wanted))
    if (file !== undefined && file.stamp() !== before) carryOver(file, current, carried)
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

/**
 * A foreign writer may have opened the old file before it lost its name to ours. What it wrote then went into that
 * old file, where only this descriptor still sees it.
 */
function carryOver(old: OpenFile, base: Index, carried: Carried): void {
  const content = settle(old)
  if (content === 'empty' || content === 'corrupt') return
  const { added, removed } = foreignChanges(base, content)
  carried.added.push(...added)
  for (const key of removed) carried.removed.add(key)
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
function settle(file: OpenFile): Index | 'empty' | 'corrupt' {
  for (let tries = 1; ; tries += 1) {
    const text = readIfFits(file)
    const index = text === undefined ? undefined : parseIndex(text)
    if (index !== undefined) return index
    if (text === undefined || tries === settleTries) return text?.trim() === '' ? 'empty' : 'corrupt'
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, settleStepMs)
  }
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
