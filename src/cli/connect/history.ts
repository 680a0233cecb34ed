/**
 * What was typed in earlier conversations, kept in the registry's directory for this user alone, as it may be anything.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRecord, reasonOf, WsyardError } from '../../core/index.js'
import { harmless } from '../text/format-message.js'

/** How many lines are remembered. */
export const maxHistoryLines = 500

/** A line that is longer was pasted, and would be of little use when it is called back. */
const maxLineLength = 2000

/** More than all of them have. Of a file that is larger the end is read. */
const maxHistoryBytes = 4 * 1024 * 1024

// Absent on Windows, where neither exists.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants

/**
 * The lines of all earlier conversations, the oldest first.
 *
 * @param home the registry's directory
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_UNREADABLE`.
 */
export function readHistory(home: string): string[] {
  const path = pathIn(home)
  try {
    const descriptor = openSync(path, constants.O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      const stats = fstatSync(descriptor)
      if (!stats.isFile()) throw new Error('it is not a regular file')
      const buffer = Buffer.alloc(Math.min(stats.size, maxHistoryBytes))
      const length = readSync(descriptor, buffer, 0, buffer.length, stats.size - buffer.length)
      return buffer.toString('utf8', 0, length).split('\n').filter(isWorthKeeping).slice(-maxHistoryLines)
    } finally {
      closeSync(descriptor)
    }
  } catch (cause) {
    if (isRecord(cause) && cause.code === 'ENOENT') return []
    const message = `Cannot read what was typed before from ${path}: ${reasonOf(cause)}. Remove it, and it is made anew.`
    throw new WsyardError('WSYARD_ERR_REGISTRY_UNREADABLE', message, { cause, path })
  }
}

/**
 * Adds the lines of a conversation to what is there by now: of two that are held at a time neither forgets what the other said. The
 * file is replaced as a whole.
 *
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_UNREADABLE`, `WSYARD_ERR_REGISTRY_UNWRITABLE`.
 */
export function addToHistory(home: string, typed: readonly string[]): void {
  const lines = typed.filter(isWorthKeeping)
  if (lines.length === 0) return
  const path = pathIn(home)
  const text = [...readHistory(home), ...lines]
    .filter((line, index, all) => line !== all[index - 1])
    .slice(-maxHistoryLines)
    .map((line) => `${line}\n`)
    .join('')
  // Named as all temporaries of the registry, so that one of a process that was killed here is swept with them.
  const temporary = join(home, `.connect-history.${randomBytes(6).toString('hex')}.tmp`)
  try {
    writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' })
    renameSync(temporary, path)
  } catch (cause) {
    const message = `Cannot keep in ${path} what was typed: ${reasonOf(cause)}. Make its directory writable for this user.`
    throw new WsyardError('WSYARD_ERR_REGISTRY_UNWRITABLE', message, { cause, path })
  }
}

/** Whether it is good to call back. What a terminal would obey nobody has typed. */
function isWorthKeeping(line: string): boolean {
  return line.trim() !== '' && line.length <= maxLineLength && harmless(line) === line
}

function pathIn(home: string): string {
  return join(home, 'connect-history')
}
