/**
 * `servers.d`: one file per managed entry, and nothing else. These files are the truth; the index follows them.
 */
import { readdirSync, unlinkSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { entryToFile, type ManagedEntry, WsyardError } from '../../../core/index.js'
import { maxEntryBytes, parseManagedEntry } from '../../entry-schema.js'
import { readSafely, unreadable } from './safe-read.js'
import { ensureDirectory, replaceFileIf } from './safe-write.js'

/** How long a file may hold no entry before a hub removes it: a live server mends its own within six seconds. */
export const tornMs = 30_000

/** Where one registry lives on disk. */
export interface RegistryPaths {
  readonly home: string
  /** The directory of entry files. */
  readonly entries: string
  readonly index: string
}

export function registryPaths(home: string): RegistryPaths {
  return { home, entries: join(home, 'servers.d'), index: join(home, 'servers.json') }
}

/** Makes both directories. Returns whether the one of the entries was missing. Throws as `ensureDirectory` does. */
export function ensureDirectories(paths: RegistryPaths): boolean {
  ensureDirectory(paths.home, 'shared')
  return ensureDirectory(paths.entries, 'private')
}

/** The id that a file name in `servers.d` stands for; undefined for temporaries and strangers. */
export function idOfFileName(name: string): string | undefined {
  return /^[A-Za-z0-9][\w.-]{0,127}\.json$/.test(name) ? name.slice(0, -'.json'.length) : undefined
}

export function entryPath(paths: RegistryPaths, id: string): string {
  return `${paths.entries}${sep}${id}.json` // several times faster than `join`
}

/** The ids that have a file now; none when there is no directory. @throws {WsyardError} when it cannot be read. */
export function listEntryIds(paths: RegistryPaths): Set<string> {
  try {
    const ids = new Set<string>()
    for (const name of readdirSync(paths.entries)) {
      const id = idOfFileName(name)
      if (id !== undefined) ids.add(id)
    }
    return ids
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set()
    throw unreadable(paths.entries, error)
  }
}

/**
 * Reads one entry; undefined when there is no such file.
 *
 * @throws {WsyardError} `WSYARD_ERR_ENTRY_CORRUPT` when the file does not hold the entry of its name, or as
 *   `openSafely` does.
 */
export function readEntry(paths: RegistryPaths, id: string): ManagedEntry | undefined {
  const entry = readHolder(paths, id)
  if (entry === undefined || entry.id === id) return entry
  throw misplaced(entryPath(paths, id), entry)
}

/** The same, but that the id may differ in case: some file systems take the names of the two files for one. */
export function readHolder(paths: RegistryPaths, id: string): ManagedEntry | undefined {
  const path = entryPath(paths, id)
  const entry = readEntryFile(path)
  if (entry === undefined || entry.id.toLowerCase() === id.toLowerCase()) return entry
  throw misplaced(path, entry)
}

function misplaced(path: string, { id }: ManagedEntry): WsyardError {
  const advice = `Name it so; a hub removes it ${tornMs / 1000} s after no such server lives.`
  return corrupt(path, `it holds the entry "${id}"`, advice)
}

function readEntryFile(path: string): ManagedEntry | undefined {
  const text = readSafely(path, maxEntryBytes)
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw corrupt(path, text === '' ? 'it is empty' : 'it is not JSON')
  }
  const parsed = parseManagedEntry(value)
  if (!parsed.ok) throw corrupt(path, parsed.problem)
  return parsed.entry
}

/** The entry of whatever id that a file holds; undefined when it holds none, for whatever reason. */
export function entryIn(path: string): ManagedEntry | undefined {
  try {
    return readEntryFile(path)
  } catch (error) {
    if (error instanceof WsyardError) return undefined
    throw error
  }
}

function corrupt(
  path: string,
  what: string,
  advice = `Its server, if it lives, writes it anew within seconds; else a hub removes it after ${tornMs / 1000} s.`,
): WsyardError {
  const message = `Skipped ${path}: ${what}. ${advice}`
  return new WsyardError('WSYARD_ERR_ENTRY_CORRUPT', message, { path, id: basename(path, '.json') })
}

/**
 * Writes one entry in the place of the file with this inode (undefined: none). Returns false, and does nothing, when
 * another file has come in between.
 *
 * @throws {WsyardError} as `replaceFileIf` does, or `WSYARD_ERR_ENTRY_INVALID` when it is too large.
 */
export function writeEntry(paths: RegistryPaths, entry: ManagedEntry, inode: bigint | undefined): boolean {
  const text = `${JSON.stringify(entryToFile(entry), null, 2)}\n`
  const bytes = Buffer.from(text)
  if (bytes.length > maxEntryBytes) {
    const message = `Cannot register "${entry.id}": its entry has ${bytes.length} bytes, more than the ${maxEntryBytes} allowed. Shorten its meta.`
    throw new WsyardError('WSYARD_ERR_ENTRY_INVALID', message, { id: entry.id })
  }
  const replaced = replaceFileIf(entryPath(paths, entry.id), inode, () => [bytes])
  return replaced === 'alone' || replaced === 'done'
}

/** Removes the file of an entry, whatever it holds. Returns whether there was one. */
export function removeEntry(paths: RegistryPaths, id: string): boolean {
  const path = entryPath(paths, id)
  try {
    unlinkSync(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    const message = `Cannot remove ${path}. Make its directory writable for this user.`
    throw new WsyardError('WSYARD_ERR_REGISTRY_UNWRITABLE', message, { cause: error, path, id })
  }
}
