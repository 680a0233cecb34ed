/**
 * Brings `servers.json` in step with `servers.d`, without locks: compute what it should say, stop if it says so, else
 * replace it, and look again unless it is certain that nobody else has. Whoever is slow or stopped in between repairs its
 * own stale index that way, and whoever is killed there is repaired by the next look of any live server or hub.
 */
import {
  asWsyardError,
  emptyIndex,
  entryToLine,
  formatNextIndex,
  type Line,
  type ManagedEntry,
  type OnWarning,
  reconcileIndex,
  WsyardError,
} from '../../../core/index.js'
import { hasEnded } from '../../process-facts.js'
import { listEntryIds, type RegistryPaths, readEntry } from './entry-files.js'
import { createLateWrites, type LateWrites, lateMs } from './late-writes.js'
import { isIndex, maxIndexBytes, pause, settle, settleMs } from './open-index.js'
import { openSafely } from './safe-read.js'
import { claimMs, replaceFileIf } from './safe-write.js'
import { setAside } from './set-aside.js'

/** A pass takes about a millisecond; after this long the caller's event loop goes first. */
const patienceMs = 100

/** How long to step aside for whoever is replacing the index just now. */
const stepMs = 2

/**
 * How long an index that is missing or broken is left to a hub, which knows the foreign entries that stood in it.
 * With no hub it is made anew after this time.
 */
const lostMs = 250

/** What the caller knows besides what the disk says. */
export interface SyncKnowledge {
  /** That the registry was only just begun, so that nothing can have been lost. */
  isNew?: boolean
  /** An entry that the caller knows better than the index does. */
  entryOf?(id: string): ManagedEntry | undefined
  /** Whether a foreign line must go because its server is provably dead. */
  isForeignGone?(line: unknown): boolean
  /** Foreign lines to put back. An index that is in order is believed; `isLost`: missing, empty or corrupt. */
  foreignToRestore?(isLost: boolean): readonly Line[]
}

export interface IndexSync {
  /**
   * Runs the loop. Returns false when it is not over: run it again a few milliseconds later.
   *
   * @throws {WsyardError} when the index can be neither read nor set aside, or cannot be written.
   */
  run(knowledge: SyncKnowledge): boolean
}

export function createIndexSync(paths: RegistryPaths, onWarning: OnWarning): IndexSync {
  const late = createLateWrites()
  let isLooking = false
  let lostSince: number | undefined

  const run = (knowledge: SyncKnowledge): boolean => {
    const start = performance.now()
    const mayRebuild = (): boolean => {
      lostSince ??= start
      return (
        knowledge.isNew === true || knowledge.foreignToRestore !== undefined || start - lostSince >= lostMs
      )
    }
    for (;;) {
      const outcome = syncOnce(paths, knowledge, late, onWarning, mayRebuild)
      if (outcome === 'lost') return false
      if (outcome === 'in step') break
      if (performance.now() - start > patienceMs) return false
    }
    lostSince = undefined
    if (late.isWatching()) lookLater()
    return late.areSettled()
  }

  /** Once more when the files that were replaced have had their time, with nobody waiting for it. */
  const lookLater = (): void => {
    if (isLooking) return
    isLooking = true
    setTimeout(lookAgain, lateMs).unref()
  }
  const lookAgain = (): void => {
    isLooking = false
    try {
      if (!run({})) lookLater()
    } catch (error) {
      onWarning(asWsyardError(error)) // from a timer, so nobody else can hear of it
    }
  }
  return { run }
}

/** One turn of the loop; `in step`: the index says what it should, `lost`: it is left to others for now. */
function syncOnce(
  paths: RegistryPaths,
  knowledge: SyncKnowledge,
  late: LateWrites,
  onWarning: OnWarning,
  mayRebuild: () => boolean,
): 'in step' | 'changed' | 'lost' {
  const start = performance.now()
  late.collect()
  let file = openSafely(paths.index, maxIndexBytes)
  try {
    const before = file?.stamp()
    const content = file === undefined ? 'empty' : settle(file, settleMs)
    const lost = !isIndex(content)
    if (lost && !mayRebuild()) return 'lost'
    if (file !== undefined && content === 'corrupt') {
      late.add(setAside(paths, file, onWarning))
      return 'changed'
    }
    const current = lost ? emptyIndex : content
    const wanted = reconcileIndex(current, {
      managedIds: listEntryIds(paths),
      lineFor: (id, present) => lineFor(paths, id, present, knowledge, onWarning),
      isForeignGone: knowledge.isForeignGone,
      restore: [...late.lines(), ...(knowledge.foreignToRestore?.(lost) ?? [])],
    })
    if (wanted === current) return 'in step'

    const replaced = replaceFileIf(paths.index, file?.inode, formatNextIndex(wanted, current))
    const now = performance.now()
    if (replaced === 'not done') pause(stepMs)
    else if (file !== undefined && before !== undefined) {
      late.watch({ file, stamp: before, index: current, replacedAt: now })
      file = undefined
    }
    // Whoever has changed the directory since it was listed has yet to change the index, and will do so for itself.
    return replaced === 'alone' && now - start < claimMs / 2 ? 'in step' : 'changed'
  } finally {
    file?.close()
  }
}

/** The index line of an entry that has a file. What the index has is believed unless the caller knows better. */
function lineFor(
  paths: RegistryPaths,
  id: string,
  present: Line | undefined,
  { entryOf }: SyncKnowledge,
  onWarning: OnWarning,
): Line | undefined {
  const known = entryOf?.(id)
  if (known !== undefined) return entryToLine(known)
  if (present !== undefined) return present
  try {
    const entry = readEntry(paths, id)
    const isAlive = entry !== undefined && !hasEnded(entry)
    return isAlive ? entryToLine(entry) : undefined
  } catch (error) {
    if (!(error instanceof WsyardError)) throw error
    onWarning(error)
    return undefined
  }
}
