/**
 * Reads the small files in which other programs say that they run: regular files of this user alone, never through a link, never waiting,
 * and never more than a limit. What cannot be read or is no JSON object is passed over, as it is not ours to judge.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { isRecord, type OnWarning, WsyardError } from '../../core/index.js'

/** A record, and the named parts of its file's name. */
export interface RecordFile {
  readonly record: Readonly<Record<string, unknown>>
  readonly caught: Readonly<Record<string, string | undefined>>
}

/** What is read of a file: those that are meant have less than 2 KiB. */
const maxFileBytes = 64 * 1024

/** How many files are read of a directory: a program that never tidies up may leave thousands. */
const maxFiles = 200

// Absent on Windows, where neither exists.
const noFollow = constants.O_NOFOLLOW ?? 0
const nonBlock = constants.O_NONBLOCK ?? 0

/** The records of a directory, of files whose name matches; none when there is no such directory. Never throws. */
export function readRecords(directory: string, name: RegExp, onWarning: OnWarning): RecordFile[] {
  const files = namesIn(directory).flatMap((file) => {
    const match = name.exec(file)
    return match === null ? [] : [{ path: join(directory, file), caught: match.groups ?? {} }]
  })
  if (files.length > maxFiles) onWarning(tooMany(directory, files.length))
  return files.slice(0, maxFiles).flatMap(({ path, caught }) => {
    const record = parse(readText(path))
    return record === undefined ? [] : [{ record, caught }]
  })
}

/** The text of a file; undefined when it is not a regular file of this user, is over the limit, or cannot be read. Never throws. */
export function readText(path: string): string | undefined {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, constants.O_RDONLY | noFollow | nonBlock)
    const stats = fstatSync(descriptor)
    const isOwn = process.getuid === undefined || stats.uid === process.getuid()
    return stats.isFile() && isOwn ? readUpToLimit(descriptor) : undefined
  } catch {
    return undefined
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/** Files of the kernel's say that they are empty, and one of a program may grow meanwhile: so it is read until it ends. */
function readUpToLimit(descriptor: number): string | undefined {
  const buffer = Buffer.allocUnsafe(maxFileBytes + 1)
  let length = 0
  while (length < buffer.length) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null)
    if (count === 0) return buffer.toString('utf8', 0, length)
    length += count
  }
  return undefined
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function parse(text: string | undefined): RecordFile['record'] | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function tooMany(path: string, count: number): WsyardError {
  const message = `Read only ${maxFiles} of the ${count} records in ${path}: a server may be missing. Remove those of programs that have ended.`
  return new WsyardError('WSYARD_ERR_FILE_REFUSED', message, { path })
}
