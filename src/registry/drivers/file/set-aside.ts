/**
 * Moves a `servers.json` that is no index out of the way, so that nothing in it is lost and a new one can be made.
 */
import { renameSync, rmSync } from 'node:fs'
import {
  foreignLines,
  isRecord,
  type Line,
  type OnWarning,
  parseIndex,
  reasonOf,
  WsyardError,
} from '../../../core/index.js'
import type { RegistryPaths } from './entry-files.js'
import { maxIndexBytes, readIfFits } from './open-index.js'
import { fileStamp, type OpenFile, openSafely } from './safe-read.js'

/**
 * Renames the index to `servers.json.corrupt-<time>`, if it is still the file that was found corrupt, and warns.
 *
 * @returns the foreign lines of an index that turned out to be in order after all: its writer finished just then.
 */
export function setAside(paths: RegistryPaths, file: OpenFile, onWarning: OnWarning): readonly Line[] {
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
    const text = file === undefined ? undefined : readIfFits(file)?.toString()
    const index = text === undefined ? undefined : parseIndex(text)
    return index === undefined ? undefined : foreignLines(index).filter(isRecord)
  } finally {
    file?.close()
  }
}
