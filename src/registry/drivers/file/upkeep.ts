/**
 * What a hub does to the disk besides looking at it: makes the directories, puts back what somebody else removed, takes
 * away what nobody else will, and keeps the index in step. When, is the view's affair.
 */
import { type ManagedEntry, type OnWarning, WsyardError } from '../../../core/index.js'
import { hasExitedNow } from '../../process-facts.js'
import {
  ensureDirectories,
  entryPath,
  type RegistryPaths,
  readEntry,
  removeEntry,
  tornMs,
  writeEntry,
} from './entry-files.js'
import { markExited } from './exited-mark.js'
import type { ForeignEntries } from './foreign-entries.js'
import { createIndexSync, type SyncKnowledge } from './index-sync.js'
import type { ManagedEntries } from './managed-entries.js'
import { logRemoval } from './removal-log.js'
import { createTemporarySweep } from './safe-write.js'

export interface Upkeep {
  /** Makes both directories if they are missing. Returns whether the one of the entries was. */
  prepare(): boolean
  /** Writes down again every server whose process lives: their directory went, and none of them deregistered. */
  restoreEntries(): void
  /** Takes the files of those that have exited away. Returns their ids. One that cannot be removed is out of the view all the same. */
  removeExited(): readonly string[]
  /**
   * Brings the index in step. Returns false when that is not over.
   *
   * @param isLost whether the index has been missing or broken, so that the foreign lines that were known are put back.
   * @throws {WsyardError} as `IndexSync.run` does.
   */
  repairIndex(isLost: boolean): boolean
  /** Takes away what killed writers and exited servers have left, and files that hold no entry and stay so. */
  tidy(): void
}

export function createUpkeep(
  paths: RegistryPaths,
  managed: ManagedEntries,
  foreign: ForeignEntries,
  onWarning: OnWarning,
  warn: (error: unknown) => void,
): Upkeep {
  const index = createIndexSync(paths, onWarning)
  const sweepTemporaries = createTemporarySweep([paths.home, paths.entries])

  const orWarn = <T>(otherwise: T, step: () => T): T => {
    try {
      return step()
    } catch (error) {
      warn(error)
      return otherwise
    }
  }

  /** Unless its server has deregistered since, or been started anew under the same id: returns false then. */
  const removeRun = (run: ManagedEntry): boolean => {
    const isRemoved = readEntry(paths, run.id)?.instance === run.instance && markExited(paths, run)
    if (isRemoved) logRemoval(paths, run, 'exited')
    managed.load(run.id, true)
    return isRemoved
  }

  return {
    prepare: () => orWarn(false, () => ensureDirectories(paths)), // whatever is there can still be read
    restoreEntries() {
      for (const entry of [...managed.entries.values(), ...managed.vanished()]) {
        if (!hasExitedNow(entry)) writeEntry(paths, entry, undefined) // unless it has done so itself
      }
    },
    removeExited() {
      const exited = [...managed.exited.values()]
      return exited.filter((run) => orWarn(true, () => removeRun(run))).map(({ id }) => id)
    },
    repairIndex(isLost) {
      const knowledge: SyncKnowledge = {
        entryOf: (id) => managed.entries.get(id),
        isForeignGone: foreign.isGone,
        foreignToRestore: (isLostNow) => (isLost || isLostNow ? foreign.lines() : []),
      }
      return index.run(knowledge)
    },
    tidy() {
      orWarn(undefined, sweepTemporaries)
      for (const id of managed.torn()) {
        if (!orWarn(false, () => removeEntry(paths, id))) continue
        managed.forget(id)
        warn(removedTorn(paths, id))
      }
    },
  }
}

function removedTorn(paths: RegistryPaths, id: string): WsyardError {
  const path = entryPath(paths, id)
  const message = `Removed ${path}: it has held no entry of that name for ${tornMs / 1000} s. If it was meant to, write it anew as docs/reference/registry-file.md says.`
  return new WsyardError('WSYARD_ERR_ENTRY_CORRUPT', message, { path, id })
}
