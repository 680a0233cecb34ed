/**
 * Writing files that other programs can reach: a file is replaced as a whole or not at all, with modes that keep other
 * users out.
 *
 * All of it is synchronous on purpose (`ARCHITECTURE.md`, "Why the disk is written synchronously").
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { reasonOf, WsyardError } from '../../../core/index.js'
import { fileInode, isForeignOwner, refused } from './safe-read.js'

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
      if (held === 'made') tidy(claim)
    }
  })
}

/** Whole replacements take a millisecond or so: who holds a claim this long has been killed, or stopped. */
const claimMs = 1000

function isHeld(claim: string): boolean {
  const stats = lstatSync(claim, { throwIfNoEntry: false })
  if (stats === undefined) return false
  if (Math.abs(Date.now() - stats.mtimeMs) < claimMs) return true
  tidy(claim)
  return false
}

/** Removes what is of no use any more. If that fails it is swept later, and is no reason for the work to have failed. */
function tidy(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // `removeTemporaries` comes by.
  }
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

/** Hands a new whole file to `use`, and takes it away again unless it has been renamed. */
function withTemporary<T>(path: string, text: string, use: (temporary: string) => T): T {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
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
    tidy(temporary)
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
 * Sees to it that a directory is there and this user's; one that is made gets mode 0700. Returns whether it was made.
 *
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_UNWRITABLE`, or `WSYARD_ERR_FILE_REFUSED` for another user's directory.
 */
export function ensureDirectory(path: string): boolean {
  try {
    const made = mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined
    const { uid } = lstatSync(path)
    if (isForeignOwner(uid)) throw refused(path, `it belongs to user ${uid}`)
    return made
  } catch (error) {
    throw error instanceof WsyardError ? error : unwritable(path, error)
  }
}

function unwritable(path: string, cause: unknown): WsyardError {
  const message = `Cannot write ${path}: ${reasonOf(cause)}. Make its directory writable for this user, or set SHIPYARD_HOME to one that is.`
  return new WsyardError('WSYARD_ERR_REGISTRY_UNWRITABLE', message, { cause, path })
}
