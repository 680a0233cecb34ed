/**
 * Everything that was sent, received or has happened, newest last, up to a limit. Older rows are forgotten. Knows nothing of
 * what is shown.
 */
import type { MessageData } from 'wsyard/client'

export interface LogRow {
  /** Counts all rows that there have ever been, from 0. */
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly kind: 'sent' | 'received' | 'event'
  readonly serverId: string
  /** Its name, or else its id. */
  readonly label: string
  readonly data: MessageData
}

export interface LogLimits {
  readonly maxRows: number
  /** Of characters and bytes of all messages together. */
  readonly maxSize: number
}

/** A hundred thousand rows of a few hundred bytes; what they hold in memory is bounded by the size, at two bytes a character. */
export const defaultLimits: LogLimits = { maxRows: 100_000, maxSize: 32 * 1024 * 1024 }

export interface LogRows {
  /** Of the oldest row that is still there. */
  readonly first: number
  /** Of the row that comes next. */
  readonly end: number
  /** The row, while it is there. */
  row(seq: number): LogRow | undefined
}

export interface MessageLog extends LogRows {
  add(row: Omit<LogRow, 'seq'>): void
  /** What is there now, for as long as somebody holds it. */
  snapshot(): LogRows
  clear(): void
  /** Calls the listener after each change. Returns its undo. */
  subscribe(listener: () => void): () => void
}

/** So many forgotten rows are moved out of the array at once. */
const sweepAt = 8192

export function createMessageLog({ maxRows, maxSize } = defaultLimits): MessageLog {
  const listeners = new Set<() => void>()
  /** The row `base` and those after it. Those before `first` are forgotten. */
  let rows: (LogRow | undefined)[] = []
  let base = 0
  let first = 0
  let size = 0

  const end = (): number => base + rows.length
  const notify = (): void => {
    for (const listener of listeners) listener()
  }
  const forgetOldest = (): void => {
    const oldest = rows[first - base]
    rows[first - base] = undefined
    first += 1
    if (oldest !== undefined) size -= sizeOf(oldest.data)
    if (first - base < sweepAt) return
    rows = rows.slice(first - base)
    base = first
  }
  return {
    get first() {
      return first
    },
    get end() {
      return end()
    },
    add(row) {
      rows.push({ ...row, seq: end() })
      size += sizeOf(row.data)
      // The newest stays, however large it is.
      while (end() - first > maxRows || (size > maxSize && end() - first > 1)) forgetOldest()
      notify()
    },
    row: (seq) => rows[seq - base],
    snapshot() {
      const kept = rows.slice(first - base)
      const from = first
      return { first: from, end: from + kept.length, row: (seq) => kept[seq - from] }
    },
    clear() {
      base = end()
      first = base
      rows = []
      size = 0
      notify()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

export function sizeOf(data: MessageData): number {
  return typeof data === 'string' ? data.length : data.byteLength
}
