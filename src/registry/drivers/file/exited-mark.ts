/**
 * Takes the files of servers that have exited out of `servers.d` by renaming them, so that everybody who sees one vanish can tell
 * that from a deregistration. Who has exited is not decided here.
 */
import { renameSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry, ManagedEntry } from '../../../core/index.js'
import { entryIn, entryPath, type RegistryPaths } from './entry-files.js'
import { fileInode } from './safe-read.js'
import { putBack, unwritable } from './safe-write.js'

/** The sweep of temporaries takes it away, when hubs that were busy or only poll have had the time to see it. */
function markPath({ entries }: RegistryPaths, id: string, instance: string): string {
  return join(entries, `.${id}.json.${instance}.exited`)
}

/**
 * Takes away the file of a run that has exited. Returns false when there is none, or when it is another run's, which
 * may have come since the caller looked: that is back in its place then.
 *
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_UNWRITABLE`
 */
export function markExited(paths: RegistryPaths, { id, instance }: ManagedEntry): boolean {
  const path = entryPath(paths, id)
  const mark = markPath(paths, id, instance)
  try {
    renameSync(path, mark)
    if (entryIn(mark)?.instance === instance) {
      const now = new Date()
      utimesSync(mark, now, now) // a mark's age counts from here, not from when the file was written
      return true
    }
    putBack(mark, path)
    return false
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw unwritable(path, error)
  }
}

/** Whether somebody has found lately that this run had exited, and taken its file away. */
export function isMarkedExited(paths: RegistryPaths, { id, instance }: Entry): boolean {
  return instance !== undefined && fileInode(markPath(paths, id, instance)) !== undefined
}
