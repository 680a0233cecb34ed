/**
 * Writing files that other programs can reach: a file is replaced as a whole or not at all, with modes that keep other
 * users out.
 *
 * All of it is synchronous on purpose (`ARCHITECTURE.md`, "Why the disk is written synchronously").
 */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { reasonOf, WsyardError } from '../../../core/index.js'
import { fileInode, isForeignOwner, refused } from './safe-read.js'

/**
 * Puts a whole new file (mode 0600) in the place of the one with this inode (undefined: none), if that is still what
 * has the name, and nobody else is putting one there: readers see the old file or the new one. Returns whether it was
 * done.
 *
 * A first file gets its name by a hard link, which only one can make. So is the right to replace a file: a link named
 * after its inode, gone with the call; one that a killed process left behind is taken away when it is a second old.
 *
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_UNWRITABLE`; the old file is untouched then.
 */
export function replaceFileIf(path: string, inode: bigint | undefined, text: string): boolean {
  const claim = join(dirname(path), `.${basename(path)}.${inode}.claim`)
  if (inode !== undefined && isHeld(claim)) return false
  return withTemporary(path, text, (temporary) => {
    const link = inode === undefined ? path : claim
    const held = tryLink(temporary, link)
    if (held === 'taken') return false
    if (held === 'made' && link === path) return true
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
    // The sweep comes by.
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

/** A writer that is alive renames its temporary within milliseconds; one this old has been killed, or stopped. */
const abandonedMs = 30_000

/**
 * Makes a sweep: each call removes what killed writers left in these directories, files with the names that are given
 * here and no others. Only what the call before has seen too: the clock may have jumped since it was written.
 */
export function createTemporarySweep(directories: readonly string[]): () => void {
  let seen = new Set<string>()
  return () => {
    const present = new Set<string>()
    for (const directory of directories) {
      const names = readdirSync(directory).filter((name) =>
        /^\..+\.(?:[0-9a-f]{12}\.tmp|\w+\.claim)$/.test(name),
      )
      for (const name of names) present.add(join(directory, name))
    }
    for (const path of present) {
      const stats = seen.has(path) ? lstatSync(path, { throwIfNoEntry: false }) : undefined
      if (stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) > abandonedMs) tidy(path)
    }
    seen = present
  }
}

/** Bits that a directory must not have: no other user may reach what is `private`, or change what is `shared`. */
const forbiddenModes = { private: 0o077, shared: 0o022 } as const

/** Where everybody may add files and only their owners remove them, as in `/tmp`. */
const stickyBit = 0o1000

/**
 * Sees to it that a directory is there, this user's and closed to others; one that is made gets mode 0700. A shared
 * one may be read by others, and be a symbolic link. Returns whether it was made.
 *
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_UNWRITABLE`, or `WSYARD_ERR_FILE_REFUSED` for another user's directory or
 *   a private one that is a symbolic link.
 */
export function ensureDirectory(path: string, kind: 'private' | 'shared'): boolean {
  try {
    const made = mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined
    const stats = kind === 'private' ? lstatSync(path) : statSync(path)
    if (!stats.isDirectory()) throw refused(path, 'it is a symbolic link')
    if (isForeignOwner(stats.uid)) throw refused(path, `it belongs to user ${stats.uid}`)
    const isSticky = kind === 'shared' && (stats.mode & stickyBit) !== 0
    const forbidden = stats.mode & forbiddenModes[kind]
    if (process.platform !== 'win32' && forbidden !== 0 && !isSticky)
      chmodSync(path, stats.mode & 0o7777 & ~forbidden)
    return made
  } catch (error) {
    throw error instanceof WsyardError ? error : unwritable(path, error)
  }
}

function unwritable(path: string, cause: unknown): WsyardError {
  const message = `Cannot write ${path}: ${reasonOf(cause)}. Make its directory writable for this user, or set SHIPYARD_HOME to one that is.`
  return new WsyardError('WSYARD_ERR_REGISTRY_UNWRITABLE', message, { cause, path })
}
