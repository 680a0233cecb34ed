/**
 * Reading files that other programs can reach: only regular files of this user, never through a link, never more than a
 * limit, never waiting.
 *
 * All of it is synchronous on purpose (`ARCHITECTURE.md`, "Why the disk is written synchronously").
 */
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs'
import { reasonOf, WsyardError } from '../../../core/index.js'

/** A file held open, so that what happens to it can be seen even after another has taken its name. */
export interface OpenFile {
  readonly inode: bigint
  /** Changes whenever the file is written. */
  stamp(): string
  /** All that it holds now. @throws {WsyardError} `WSYARD_ERR_FILE_REFUSED` when that is over the limit. */
  read(): Buffer
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
  let inode: bigint
  try {
    const stats = fstatSync(descriptor, { bigint: true })
    if (!stats.isFile()) throw refused(path, 'it is not a regular file')
    if (isForeignOwner(Number(stats.uid))) throw refused(path, `it belongs to user ${stats.uid}`)
    inode = stats.ino
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
  return {
    inode,
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
      return buffer.subarray(0, length)
    },
    close: () => closeSync(descriptor),
  }
}

/** The text of a file, or undefined when there is none. Throws as `openSafely` and `OpenFile.read` do. */
export function readSafely(path: string, maxBytes: number): string | undefined {
  const file = openSafely(path, maxBytes)
  try {
    return file?.read().toString()
  } finally {
    file?.close()
  }
}

/** Tells one version of a file from the next without opening it; undefined when none can be seen. Never throws. */
export function fileStamp(path: string): string | undefined {
  const stats = fileStats(path)
  return stats === undefined ? undefined : `${stats.ino}:${stats.size}:${stats.mtimeNs}`
}

/** Tells one file from another that has taken its name; undefined when none can be seen. Never throws. */
export function fileInode(path: string): bigint | undefined {
  return fileStats(path)?.ino
}

/** What tells one directory from another that has taken its name, and often its inode too. */
export interface DirectoryIdentity {
  readonly inode: bigint
  /** When it was made; unknown before something has been added to it, and where the platform does not say. */
  readonly madeAt: bigint | undefined
}

/** Undefined when none can be seen. Never throws. */
export function directoryIdentity(path: string): DirectoryIdentity | undefined {
  const stats = fileStats(path)
  if (stats === undefined) return undefined
  const { ino: inode, birthtimeNs, mtimeNs } = stats
  // Where nothing tells when it was made, the time of the last change stands there instead.
  return { inode, madeAt: birthtimeNs < mtimeNs ? birthtimeNs : undefined }
}

/** Asked from timers and watch callbacks, where throwing would end the program. Reading the file says what is wrong. */
function fileStats(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** What to throw when the system will not let us read a path. */
export function unreadable(path: string, cause: unknown): WsyardError {
  const message = `Cannot read ${path}: ${reasonOf(cause)}. Make it readable for this user, or move it away: live servers write it anew.`
  return new WsyardError('WSYARD_ERR_REGISTRY_UNREADABLE', message, { cause, path })
}

/** Whether a file belongs to somebody else; never on a platform without user ids. */
export function isForeignOwner(uid: number): boolean {
  return process.getuid !== undefined && uid !== process.getuid()
}

/** What to throw for a path that is not a plain file or directory of this user. */
export function refused(path: string, why: string): WsyardError {
  const message = `Will not read ${path}: ${why}. Move it away: live servers write it anew.`
  return new WsyardError('WSYARD_ERR_FILE_REFUSED', message, { path })
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
