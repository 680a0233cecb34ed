/**
 * Tells whether a registry on disk has changed since it was read, by the time stamps of its directories and its index.
 * Reading it is the view's part.
 */
import type { RegistryPaths } from './entry-files.js'
import { fileStamp } from './safe-read.js'

/** A directory changed so recently may change again within the same tick of the file system's clock. */
const unsettledMs = 100

/** A text that is another one when anything has changed, unless it `isUnsettled`. */
export function registryMark(paths: RegistryPaths): string {
  const stamps = [paths.home, paths.entries, paths.index].map((path) => fileStamp(path) ?? 'none')
  const freshestMs = Math.max(...stamps.map((stamp) => Number(stamp.split(':')[2] ?? 0) / 1e6))
  return stamps.join(' ') + (Date.now() - freshestMs < unsettledMs ? ' unsettled' : '')
}

/** Whether a mark is too fresh for being equal to mean anything. */
export function isUnsettled(mark: string): boolean {
  return mark.endsWith('unsettled')
}
