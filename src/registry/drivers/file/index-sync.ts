/**
 * Brings `servers.json` in step with `servers.d`, without locks: compute what it should say, stop if it says so, else
 * replace it, and look again unless it is certain that nobody else has. Whoever is slow or stopped in between repairs its
 * own stale index that way, and whoever is killed there is repaired by the next look of any live server or hub.
 */
import {
  asWsyardError,
  entryToLine,
  type Line,
  type ManagedEntry,
  type OnWarning,
  WsyardError,
} from '../../../core/index.js'
import { hasExitedNow } from '../../process-facts.js'
import { listEntryIds, type RegistryPaths, readEntry } from './entry-files.js'
import { emptyIndex, formatNextIndex, type Index, reconcileIndex } from './index-file.js'
import { createLateWrites, type LateWrites, lateMs } from './late-writes.js'
import {
  contentOf,
  createLossClock,
  type IndexContent,
  isIndex,
  type LossClock,
  maxIndexBytes,
  tornIndexMs,
} from './open-index.js'
import { fileInode, openSafely } from './safe-read.js'
import { claimMs, isClaimed, replaceFileIf } from './safe-write.js'
import { setAside } from './set-aside.js'

/** A pass takes about a millisecond; after this long the caller's event loop goes first. */
const patienceMs = 100

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
  /** Whether a foreign line must go because its server is gone. */
  isForeignGone?(line: unknown): boolean
  /** Foreign lines to put back. An index that is in order is believed; `isLost`: missing, empty or corrupt. */
  foreignToRestore?(isLost: boolean): readonly Line[]
}

export interface IndexSync {
  /**
   * Runs the loop, without ever waiting. Returns false when it is not over, as another is replacing the index, or it is
   * half-written, or lost: run it again a few milliseconds later.
   *
   * @throws {WsyardError} when the index can be neither read nor set aside, or cannot be written.
   */
  run(knowledge: SyncKnowledge): boolean
}

export function createIndexSync(paths: RegistryPaths, onWarning: OnWarning): IndexSync {
  const pass = { paths, onWarning, late: createLateWrites(), lostFor: createLossClock() }
  let isLooking = false

  const run = (knowledge: SyncKnowledge): boolean => {
    const start = performance.now()
    for (;;) {
      const outcome = syncOnce(pass, knowledge)
      if (outcome === 'later') return false
      if (outcome === 'in step') break
      if (performance.now() - start > patienceMs) return false
    }
    pass.late.forgetLines()
    if (pass.late.isWatching()) lookLater()
    return true
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

/** What all passes over one index share. */
interface Pass {
  readonly paths: RegistryPaths
  readonly onWarning: OnWarning
  readonly late: LateWrites
  readonly lostFor: LossClock
}

/** One turn of the loop; `in step`: the index says what it should, `later`: it is left to others for now. */
function syncOnce(pass: Pass, knowledge: SyncKnowledge): 'in step' | 'changed' | 'later' {
  const { paths, late } = pass
  const start = performance.now()
  late.collect()
  const inode = fileInode(paths.index)
  if (inode !== undefined && isClaimed(paths.index, inode)) return 'later' // before all the reading
  let file = openSafely(paths.index, maxIndexBytes)
  try {
    const stamp = file?.stamp()
    const content = contentOf(file)
    if (pass.lostFor(content, file) < patienceFor(content, knowledge)) return 'later'
    if (file !== undefined && content === 'corrupt') {
      setAside(paths, file, pass.onWarning)
      return 'changed'
    }
    const current = isIndex(content) ? content : emptyIndex
    const plan = planFor(pass, knowledge, current, !isIndex(content))
    if (!plan.mayDiffer) return 'in step'

    const replaced = replaceFileIf(paths.index, file?.inode, () => {
      const wanted = plan.wanted()
      return wanted === current ? undefined : formatNextIndex(wanted, current)
    })
    if (replaced === 'held') return 'later'
    if (replaced === 'unchanged') return 'in step'
    if (replaced === 'changed') return 'changed'
    if (file !== undefined && stamp !== undefined) {
      late.watch({ file, stamp, index: current, replacedAt: performance.now() })
      file = undefined
    }
    // Whoever has changed the directory since it was listed has yet to change the index, and will do so for itself.
    return replaced === 'alone' && performance.now() - start < claimMs / 2 ? 'in step' : 'changed'
  } finally {
    file?.close()
  }
}

/** How long an index that is as this one is left alone, in milliseconds. */
function patienceFor(content: IndexContent, { isNew, foreignToRestore }: SyncKnowledge): number {
  if (isIndex(content)) return 0
  if (isNew !== true && foreignToRestore === undefined) return lostMs
  return content === 'missing' ? 0 : tornIndexMs
}

interface Plan {
  /** Whether the index may have to change. Asking costs no reading of any entry. */
  readonly mayDiffer: boolean
  /** What it should say; reads the files of entries that nobody has told us of. */
  wanted(): Index
}

function planFor(pass: Pass, knowledge: SyncKnowledge, current: Index, isLost: boolean): Plan {
  const managedIds = listEntryIds(pass.paths)
  const restore = [...pass.late.linesFor(current), ...(knowledge.foreignToRestore?.(isLost) ?? [])]
  const { isForeignGone } = knowledge
  let areAllKnown = true
  const known = (id: string, present: Line | undefined): Line | undefined => {
    const entry = knowledge.entryOf?.(id)
    const line = entry === undefined ? present : entryToLine(entry)
    areAllKnown &&= line !== undefined
    return line
  }
  const quick = reconcileIndex(current, { managedIds, lineFor: known, isForeignGone, restore })
  const lineFor = (id: string, present: Line | undefined): Line | undefined =>
    known(id, present) ?? lineInFile(pass, id)
  return {
    mayDiffer: quick !== current || !areAllKnown,
    wanted: () =>
      areAllKnown ? quick : reconcileIndex(current, { managedIds, lineFor, isForeignGone, restore }),
  }
}

/** The index line of the entry that a file holds; none, if that is not one of a live server. */
function lineInFile({ paths, onWarning }: Pass, id: string): Line | undefined {
  try {
    const entry = readEntry(paths, id)
    return entry === undefined || hasExitedNow(entry) ? undefined : entryToLine(entry)
  } catch (error) {
    if (!(error instanceof WsyardError)) throw error
    onWarning(error)
    return undefined
  }
}
