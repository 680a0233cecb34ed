/**
 * Writing files that other programs can reach: a file is replaced as a whole or not at all, with modes that keep other
 * users out.
 *
 * All of it is synchronous on purpose (`ARCHITECTURE.md`, "Why the disk is written synchronously").
 */
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
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { reasonOf, WsyardError } from '../../../core/index.js'
import { fileInode, isForeignOwner, refused } from './safe-read.js'

/** How replacing a file went; `alone`: nobody else can have replaced it meanwhile, if that took less than `claimMs`. */
export type Replacement = 'alone' | 'done' | 'not done'

/**
 * Puts a whole new file (mode 0600), made of these pieces, in the place of the one with this inode (undefined: none), if
 * that is still what has the name, and nobody else is putting one there: readers see the old file or the new one.
 *
 * A first file gets its name by a hard link, which only one can make. So is the right to replace a file: a link named
 * after its inode, gone with the call; one that a killed process left behind is taken away when it is a second old.
 *
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_UNWRITABLE`; the old file is untouched then.
 */
export function replaceFileIf(
  path: string,
  inode: bigint | undefined,
  pieces: readonly (string | Uint8Array)[],
): Replacement {
  const link = inode === undefined ? path : beside(path, `${inode}.claim`)
  if (link !== path && isHeld(link, path)) return 'not done'
  return withTemporary(path, pieces, (temporary) => {
    const held = tryLink(temporary, link)
    if (held === 'taken') return 'not done'
    if (held === 'made' && link === path) return 'alone'
    try {
      if (fileInode(path) !== inode) return 'not done'
      renameSync(temporary, path)
      return held === 'made' ? 'alone' : 'done'
    } finally {
      if (held === 'made') tidy(link)
    }
  })
}

/** A hidden name in the same directory. */
function beside(path: string, ending: string): string {
  const name = basename(path)
  return `${path.slice(0, -name.length)}.${name}.${ending}`
}

/** Twelve hexadecimal digits. That a name is free is decided by making the file, not by how they were chosen. */
function anyDigits(): string {
  return Math.floor(Math.random() * 2 ** 48)
    .toString(16)
    .padStart(12, '0')
}

/** Whole replacements take a millisecond or so: who holds a claim this long has been killed, or stopped. */
export const claimMs = 1000

/** A claim is a second name of the file that is to be renamed: once that has been, it has done its work. */
function isHeld(claim: string, path: string): boolean {
  const stats = lstatSync(claim, { throwIfNoEntry: false, bigint: true })
  if (stats === undefined) return false
  const isSpent = stats.nlink === 1n || stats.ino === fileInode(path)
  if (!isSpent && Math.abs(Date.now() - Number(stats.mtimeMs)) < claimMs) return true
  tidy(claim)
  return false
}

/** Gives a file its old name again, unless another has come there meanwhile; then it goes. */
export function putBack(temporary: string, path: string): void {
  if (tryLink(temporary, path) === 'impossible' && fileInode(path) === undefined) renameSync(temporary, path)
  else tidy(temporary)
}

/** Removes what is of no use any more. If that fails it is swept later, and is no reason for the work to have failed. */
function tidy(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It has been renamed, or the sweep comes by.
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
function withTemporary<T>(
  path: string,
  pieces: readonly (string | Uint8Array)[],
  use: (temporary: string) => T,
): T {
  const temporary = beside(path, `${anyDigits()}.tmp`)
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
    const descriptor = openSync(temporary, flags, 0o600)
    try {
      for (const piece of pieces)
        writeWhole(descriptor, typeof piece === 'string' ? Buffer.from(piece) : piece)
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

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  let written = 0
  while (written < bytes.length) written += writeSync(descriptor, bytes, written)
}

/**
 * A writer that is alive renames its temporary within milliseconds; one this old has been killed, or stopped. And of
 * a burial this old (`burial.ts`) everybody knows.
 */
const abandonedMs = 30_000

/**
 * Makes a sweep: each call removes what killed writers and burials left in these directories, files with the names that
 * are given here and no others. Only what the call before has seen too: the clock may have jumped since it was written.
 */
export function createTemporarySweep(directories: readonly string[]): () => void {
  let seen = new Set<string>()
  return () => {
    const present = new Set<string>()
    for (const directory of directories) {
      const names = readdirSync(directory).filter((name) =>
        /^\..+\.(?:[0-9a-f]{12}\.tmp|\w+\.claim|[0-9a-f]{32}\.exited)$/.test(name),
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
    const look = kind === 'private' ? lstatSync : statSync
    let stats = look(path, { throwIfNoEntry: false })
    const made = stats === undefined && make(path)
    stats ??= look(path)
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

/** Makes a directory. Returns false when somebody else just has. */
function make(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 })
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (code !== 'ENOENT') throw error
    // Only now: where it may not make one, Node's own way up says ENOENT, whatever the system has said.
    return mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined
  }
}

export function unwritable(path: string, cause: unknown): WsyardError {
  const message = `Cannot write ${path}: ${reasonOf(cause)}. Make its directory writable for this user, or set SHIPYARD_HOME to one that is.`
  return new WsyardError('WSYARD_ERR_REGISTRY_UNWRITABLE', message, { cause, path })
}
