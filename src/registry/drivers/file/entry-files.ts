/**
 * `servers.d`: one file per managed entry, and nothing else. These files are the truth; the index follows them.
 */
import { readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import {
  entryToFile,
  type ManagedEntry,
  maxEntryBytes,
  parseManagedEntry,
  WsyardError,
} from '../../../core/index.js'
import { readSafely, unreadable } from './safe-read.js'
import { ensureDirectory, replaceFileIf } from './safe-write.js'

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
  return /^([A-Za-z0-9][\w.-]{0,127})\.json$/.exec(name)?.[1]
}

export function entryPath(paths: RegistryPaths, id: string): string {
  return join(paths.entries, `${id}.json`)
}

/** The ids that have a file now; none when there is no directory. @throws {WsyardError} when it cannot be read. */
export function listEntryIds(paths: RegistryPaths): Set<string> {
  try {
    const ids = readdirSync(paths.entries).map(idOfFileName)
    return new Set(ids.filter((id) => id !== undefined))
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
  const path = entryPath(paths, id)
  const text = readSafely(path, maxEntryBytes)
  if (text === undefined) return undefined
  const problem = (what: string): WsyardError => {
    const message = `Skipped ${path}: ${what}. Its server, if it lives, writes it anew within seconds; else remove the file.`
    return new WsyardError('WSYARD_ERR_ENTRY_CORRUPT', message, { path, id })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw problem(text === '' ? 'it is empty' : 'it is not JSON')
  }
  const parsed = parseManagedEntry(value)
  if (!parsed.ok) throw problem(parsed.problem)
  if (parsed.entry.id !== id) throw problem(`it holds the entry "${parsed.entry.id}"`)
  return parsed.entry
}

/**
 * Writes one entry in the place of the file with this inode (undefined: none). Returns false, and does nothing, when
 * another file has come in between.
 *
 * @throws {WsyardError} as `replaceFileIf` does, or `WSYARD_ERR_ENTRY_INVALID` when it is too large.
 */
export function writeEntry(paths: RegistryPaths, entry: ManagedEntry, inode: bigint | undefined): boolean {
  const text = `${JSON.stringify(entryToFile(entry), null, 2)}\n`
  const bytes = Buffer.byteLength(text)
  if (bytes > maxEntryBytes) {
    const message = `Cannot register "${entry.id}": its entry has ${bytes} bytes, more than the ${maxEntryBytes} allowed. Shorten its meta.`
    throw new WsyardError('WSYARD_ERR_ENTRY_INVALID', message, { id: entry.id })
  }
  return replaceFileIf(entryPath(paths, entry.id), inode, text)
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
