/**
 * `removed.log`: what has left the registry lately and why, a line each (`PROTOCOL.md`, "What has left"). For people who ask where their
 * server is; nothing depends on it, and so nothing fails when it cannot be written.
 */
import { closeSync, constants, fstatSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Entry, entryToLine, isRecord, type RemovalReason, removalReasons } from '../../../core/index.js'
import { parseForeignEntry } from '../../entry-schema.js'
import type { RemovedEntry } from '../../registry.js'
import type { RegistryPaths } from './entry-files.js'
import { isForeignOwner, readSafely } from './safe-read.js'

/** Some hundreds of servers. Once it is as large it is set aside, in the place of the one before: there is never more than twice as much. */
const maxLogBytes = 64 * 1024

/** Absent on Windows, where neither exists. */
const [noFollow, nonBlock] = [constants.O_NOFOLLOW ?? 0, constants.O_NONBLOCK ?? 0]

/** Each line is one write at the end of the file, which those of others do not break. Makes no directory. Never throws. */
export function logRemoval({ home }: RegistryPaths, entry: Entry, reason: RemovalReason): void {
  const { meta: _, ...fields } = entryToLine(entry)
  const line = `${JSON.stringify({ removedAt: new Date().toISOString(), reason, ...fields })}\n`
  const path = join(home, 'removed.log')
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | noFollow | nonBlock
  try {
    const descriptor = openSync(path, flags, 0o600)
    try {
      const stats = fstatSync(descriptor)
      if (!stats.isFile() || isForeignOwner(stats.uid)) return
      writeSync(descriptor, line)
      if (stats.size + line.length > maxLogBytes) renameSync(path, `${path}.1`)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // The directory has been removed, the disk is full: nobody is worse off but for not being told.
  }
}

/** The latest first; lines that are none are passed over. */
export function readRemovals({ home }: RegistryPaths): RemovedEntry[] {
  const texts = ['removed.log.1', 'removed.log'].map((name) => {
    try {
      return readSafely(join(home, name), 2 * maxLogBytes) ?? ''
    } catch {
      return '' // a link, or another user's
    }
  })
  return texts
    .join('')
    .split('\n')
    .flatMap((line) => parse(line) ?? [])
    .reverse()
}

function parse(line: string): RemovedEntry | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (!isRecord(value)) return undefined
  const parsed = parseForeignEntry(value)
  const reason = removalReasons.find((known) => known === value.reason)
  const { removedAt } = value
  const isTime = typeof removedAt === 'string' && !Number.isNaN(Date.parse(removedAt))
  return parsed.ok && reason !== undefined && isTime ? { entry: parsed.entry, reason, removedAt } : undefined
}
