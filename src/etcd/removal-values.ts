/**
 * What is remembered of servers that have left and why, as JSON. Whoever may write below the prefix may have written anything.
 */
import {
  type Entry,
  entryToLine,
  isRecord,
  type ManagedEntry,
  type RemovalReason,
  removalReasons,
} from '../core/index.js'
import { parseForeignEntry, type RemovedEntry } from '../registry/drivers/index.js'
import { type Base64, toBase64 } from './client/wire.js'
import { parseValue } from './parse-value.js'

/** Which run has left, when, and why. */
export interface Removal {
  readonly instance: string
  readonly reason: RemovalReason
}

export function removalValue(entry: ManagedEntry, reason: RemovalReason, at: Date): Base64 {
  const { meta: _, ...fields } = entryToLine(entry)
  return toBase64(JSON.stringify({ removedAt: at.toISOString(), reason, ...fields }))
}

/** What a watcher needs of it; undefined when it is none. */
export function readRemoval(value: Base64 | undefined): Removal | undefined {
  const json = parseValue(value)
  if (!isRecord(json) || typeof json.instance !== 'string') return undefined
  const reason = removalReasons.find((known) => known === json.reason)
  return reason && { instance: json.instance, reason }
}

/** The same with all that it says. */
export function readRemovedEntry(value: Base64 | undefined): RemovedEntry | undefined {
  const [json, removal] = [parseValue(value), readRemoval(value)]
  if (!isRecord(json) || removal === undefined) return undefined
  const parsed = parseForeignEntry(json)
  const { removedAt } = json
  const isTime = typeof removedAt === 'string' && !Number.isNaN(Date.parse(removedAt))
  return parsed.ok && isTime ? { entry: parsed.entry as Entry, reason: removal.reason, removedAt } : undefined
}
