/**
 * Moves a `servers.json` that is no index out of the way, so that nothing in it is lost and a new one can be made.
 */
import { renameSync } from 'node:fs'
import { type OnWarning, reasonOf, WsyardError } from '../../../core/index.js'
import type { RegistryPaths } from './entry-files.js'
import { fileStamp, type OpenFile } from './safe-read.js'

/**
 * Renames the index to `servers.json.corrupt-<time>`, if it is still the file that was found broken, and warns.
 *
 * @throws {WsyardError} `WSYARD_ERR_INDEX_CORRUPT` when it cannot be moved.
 */
export function setAside(paths: RegistryPaths, file: OpenFile, onWarning: OnWarning): void {
  if (file.stamp() !== fileStamp(paths.index)) return
  const aside = `${paths.index}.corrupt-${new Date().toISOString().replaceAll(':', '-')}`
  try {
    renameSync(paths.index, aside)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return
    const message = `${paths.index} is not a registry index, and cannot be moved away: ${reasonOf(cause)}. Make its directory writable for this user.`
    throw new WsyardError('WSYARD_ERR_INDEX_CORRUPT', message, { cause, path: paths.index })
  }
  const message = `${paths.index} was not a registry index. It is kept as ${aside} and a new one is made; remove that file when nothing in it is needed.`
  onWarning(new WsyardError('WSYARD_ERR_INDEX_CORRUPT', message, { path: aside }))
}
