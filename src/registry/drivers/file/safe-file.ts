/**
 * Reading and writing files that other programs can reach: only regular files of this user are read, never through
 * a link, never more than a limit, never waiting; and a file is replaced as a whole or not at all.
 *
 * All of it is synchronous on purpose (`ARCHITECTURE.md`, "Why the disk is written synchronously").
 */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { reasonOf, WsyardError } from '../../../core/index.js'

/** A file held open, so that what happens to it can be seen even after another has taken its name. */
export interface OpenFile {
  readonly inode: bigint
  /** Changes whenever the file is written. */
  stamp(): string
  /** The whole text as it is now. @throws {WsyardError} `WSYARD_ERR_FILE_REFUSED` when that is over the limit. */
  read(): string
  close(): void
}

// Absent on Windows, where neither exists.
const noFollow = constants.O_NOFOLLOW ?? 0
const nonBlock = constants.O_NONBLOCK ?? 0

/**
 * Opens a file for reading; undefined when there is none.
 *
 * @throws {WsyardError} `WSYARD_ERR_FILE_REFUSED` for a link, a FIFO, a directory or another user's file;
 *   `WSYARD_ERR_REGISTRY_UNREADABLE` when the system refuses.
 */
export function openSafely(path: string, maxBytes: number): OpenFile | undefined {
  const descriptor = open(path)
  if (descriptor === undefined) return undefined
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) throw refused(path, 'it is not a regular file')
    if (isForeignOwner(stats.uid)) throw refused(path, `it belongs to user ${stats.uid}`)
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
  return {
    inode: fstatSync(descriptor, { bigint: true }).ino,
    stamp() {
      const { ino, size, mtimeNs } = fstatSync(descriptor, { bigint: true })
      return `${ino}:${size}:${mtimeNs}`
    },
    read() {
      const { size } = fstatSync(descriptor)
      if (size > maxBytes) throw refused(path, `it has ${size} bytes, more than the ${maxBytes} allowed`)
      const buffer = Buffer.allocUnsafe(size)
      let length = 0
      while (length < buffer.length) {
        const count = readSync(descriptor, buffer, length, buffer.length - length, length)
        if (count === 0) break
        length += count
      }
      return buffer.toString('utf8', 0, length)
    },
    close: () => closeSync(descriptor),
  }
}

/** The text of a file, or undefined when there is none. Throws as `openSafely` and `OpenFile.read` do. */
export function readSafely(path: string, maxBytes: number): string | undefined {
  const file = openSafely(path, maxBytes)
  try {
    return file?.read()
  } finally {
    file?.close()
  }
}

/** Tells one version of a file from the next without opening it; undefined when there is none. */
export function fileStamp(path: string): string | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? undefined : `${stats.ino}:${stats.size}:${stats.mtimeNs}`
}

/**
 * Puts a whole new file (mode 0600) in the place of whatever has the name: readers see the old one or the new one.
 *
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_UNWRITABLE`; the old file is untouched then.
 */
export function replaceFile(path: string, text: string): void {
  withTemporary(path, text, (temporary) => renameSync(temporary, path))
}

/**
 * The same, if the file there is still the one with this inode (undefined: none), and nobody else who asks that way
 * is replacing it. Returns whether it was done.
 *
 * The right to replace a file is a hard link named after its inode, which only one can make. It is gone with the
 * call; one that a killed process left behind is taken away when it is a second old.
 */
export function replaceFileIf(path: string, inode: bigint | undefined, text: string): boolean {
  const claim = join(dirname(path), `.${basename(path)}.${inode ?? 'none'}.claim`)
  if (isHeld(claim)) return false
  return withTemporary(path, text, (temporary) => {
    const held = tryLink(temporary, claim)
    if (held === 'taken') return false
    try {
      if (fileInode(path) !== inode) return false
      renameSync(temporary, path)
      return true
    } finally {
      if (held === 'made') rmSync(claim, { force: true })
    }
  })
}

/** Whole replacements take a millisecond or so: who holds a claim this long has been killed, or stopped. */
const claimMs = 1000

function isHeld(claim: string): boolean {
  const stats = lstatSync(claim, { throwIfNoEntry: false })
  if (stats === undefined) return false
  if (Math.abs(Date.now() - stats.mtimeMs) < claimMs) return true
  rmSync(claim, { force: true })
  return false
}

function tryLink(existing: string, name: string): 'made' | 'taken' | 'impossible' {
  try {
    linkSync(existing, name)
    return 'made'
  } catch (error) {
    // A file system without hard links: writers then rely on the inode alone.
    return (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'taken' : 'impossible'
  }
}

/** Tells one file from another that has taken its name; undefined when there is none. */
export function fileInode(path: string): bigint | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino
}

/** Hands a new whole file to `use`, and takes it away again unless it has been renamed. */
function withTemporary<T>(path: string, text: string, use: (temporary: string) => T): T {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noFollow
    const descriptor = openSync(temporary, flags, 0o600)
    try {
      const bytes = Buffer.from(text)
      let written = 0
      while (written < bytes.length) written += writeSync(descriptor, bytes, written)
    } finally {
      closeSync(descriptor)
    }
    return use(temporary)
  } catch (error) {
    throw unwritable(path, error)
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** A writer that is alive renames its temporary within milliseconds; one this old has been killed. */
const abandonedMs = 30_000

/** Removes what killed writers left in a directory: files with the names that are given here, and no others. */
export function removeTemporaries(directory: string): void {
  const names = readdirSync(directory).filter((name) => /^\..+\.(?:[0-9a-f]{12}\.tmp|\w+\.claim)$/.test(name))
  for (const name of names) {
    const path = join(directory, name)
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats !== undefined && Date.now() - stats.mtimeMs > abandonedMs) rmSync(path, { force: true })
  }
}

/**
 * Sees to it that a directory is there, with mode 0700 and this user's. Returns whether it had to be made.
 *
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_UNWRITABLE`, or `WSYARD_ERR_FILE_REFUSED` for another user's directory.
 */
export function ensureDirectory(path: string): boolean {
  try {
    const made = mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined
    const stats = lstatSync(path)
    if (isForeignOwner(stats.uid)) throw refused(path, `it belongs to user ${stats.uid}`)
    if (stats.isDirectory() && (stats.mode & 0o077) !== 0) chmodSync(path, 0o700)
    return made
  } catch (error) {
    throw error instanceof WsyardError ? error : unwritable(path, error)
  }
}

/** What to throw when the system will not let us read a path. */
export function unreadable(path: string, cause: unknown): WsyardError {
  const message = `Cannot read ${path}: ${reasonOf(cause)}. Make it readable for this user, or move it away: live servers write it anew.`
  return new WsyardError('WSYARD_ERR_REGISTRY_UNREADABLE', message, { cause, path })
}

function open(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | noFollow | nonBlock)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP' || code === 'EMLINK') throw refused(path, 'it is a symbolic link')
    throw unreadable(path, error)
  }
}

function isForeignOwner(uid: number): boolean {
  return process.getuid !== undefined && uid !== process.getuid()
}

function refused(path: string, why: string): WsyardError {
  const message = `Will not read ${path}: ${why}. Move it away: live servers write it anew.`
  return new WsyardError('WSYARD_ERR_FILE_REFUSED', message, { path })
}

function unwritable(path: string, cause: unknown): WsyardError {
  const message = `Cannot write ${path}: ${reasonOf(cause)}. Make its directory writable for this user, or set SHIPYARD_HOME to one that is.`
  return new WsyardError('WSYARD_ERR_REGISTRY_UNWRITABLE', message, { cause, path })
}
