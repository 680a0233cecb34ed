/**
 * Moves a file out of the registry's way and keeps it for its owner.
 */
import { lstatSync, renameSync } from 'node:fs'

/** Renames it to `<path>.set-aside-<time>`, whatever it is, a link included. Returns the new name. Throws what the system says. */
export function setAside(path: string, now: Date = new Date()): string {
  const aside = `${path}.set-aside-${now.toISOString().replaceAll(':', '-')}`
  if (lstatSync(aside, { throwIfNoEntry: false }) !== undefined)
    return setAside(path, new Date(now.getTime() + 1))
  renameSync(path, aside)
  return aside
}
