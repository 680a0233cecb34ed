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

/**
 * How replacing a file went. `alone`: nobody else can have replaced it meanwhile, if that took less than `claimMs`;
 * `done`: perhaps somebody has. The others mean that nothing was done. `held`: somebody is putting another file there;
 * `changed`: somebody has; `unchanged`: there was nothing to write.
 */
export type Replacement = 'alone' | 'done' | 'held' | 'changed' | 'unchanged'

/** What a new file is made of; undefined when it turns out that none is needed. */
type Produce = () => readonly (string | Uint8Array)[] | undefined

/**
 * Puts a whole new file (mode 0600) in the place of the one with this inode (undefined: none), if that is still what
 * has the name, and nobody else is putting one there: readers see the old file or the new one.
 *
 * A first file gets its name by a hard link, which only one can make. So is the right to replace a file: a link named
 * after its inode, made before anything is produced, so that of many writers one does the work, and gone with the call;
 * one that a killed process left behind is taken away when it is a second old.
 *
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_UNWRITABLE`; the old file is untouched then. Whatever `produce` throws.
 */
export function replaceFileIf(path: string, inode: bigint | undefined, produce: Produce): Replacement {
  if (inode !== undefined && isClaimed(path, inode)) return 'held'
  return withTemporary(path, (temporary, fill) => {
    if (inode === undefined) return fill(produce) ? nameFirst(temporary, path) : 'unchanged'
    const claim = claimPath(path, inode)
    const held = tryLink(temporary, claim)
    if (held === 'taken') return 'held'
    try {
      if (!fill(produce)) return 'unchanged'
      if (fileInode(path) !== inode) return 'changed'
      renameSync(temporary, path)
      return held === 'made' ? 'alone' : 'done'
    } finally {
      if (held === 'made') tidy(claim)
    }
  })
}

/** Gives a file the name that no other has. */
function nameFirst(temporary: string, path: string): Replacement {
  const named = tryLink(temporary, path)
  if (named !== 'impossible') return named === 'made' ? 'alone' : 'changed'
  if (fileInode(path) !== undefined) return 'changed'
  renameSync(temporary, path)
  return 'done'
}

function claimPath(path: string, inode: bigint): string {
  return beside(path, `${inode}.claim`)
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

/**
 * Whether somebody is replacing the file with this inode. A claim is a second name of the file that is to be renamed: once
 * that has been, it has done its work.
 */
export function isClaimed(path: string, inode: bigint): boolean {
  const claim = claimPath(path, inode)
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

/**
 * Hands a new empty file to `use`, with what fills it (and returns false if there is nothing to fill it with), and takes
 * it away again unless it has been renamed.
 */
function withTemporary<T>(
  path: string,
  use: (temporary: string, fill: (produce: Produce) => boolean) => T,
): T {
  const temporary = beside(path, `${anyDigits()}.tmp`)
  let descriptor: number | undefined
  const fill = (produce: Produce): boolean => {
    const pieces = produce()
    if (pieces === undefined || descriptor === undefined) return false
    for (const piece of pieces) writeWhole(descriptor, typeof piece === 'string' ? Buffer.from(piece) : piece)
    closeSync(descriptor)
    descriptor = undefined
    return true
  }
  try {
    descriptor = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
    return use(temporary, fill)
  } catch (error) {
    throw error instanceof WsyardError ? error : unwritable(path, error)
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
    tidy(temporary)
  }
}

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  let written = 0
  while (written < bytes.length) written += writeSync(descriptor, bytes, written)
}

/**
 * A writer that is alive renames its temporary within milliseconds; one this old has been killed, or stopped. And of
 * an exit this long ago (`exited-mark.ts`) everybody knows.
 */
const abandonedMs = 30_000

/**
 * Makes a sweep: each call removes what killed writers and exited servers left in these directories, files with the names that
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
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_UNWRITABLE`, or `WSYARD_ERR_FILE_REFUSED` for another user's directory,
 *   a private one that is a symbolic link, or what is none.
 */
export function ensureDirectory(path: string, kind: 'private' | 'shared'): boolean {
  try {
    const look = kind === 'private' ? lstatSync : statSync
    let stats = look(path, { throwIfNoEntry: false })
    const made = stats === undefined && make(path)
    stats ??= look(path)
    if (!stats.isDirectory())
      throw refused(path, stats.isSymbolicLink() ? 'it is a symbolic link' : 'it is no directory')
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
