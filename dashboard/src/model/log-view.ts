/**
 * Which rows of the log are shown: those that a filter lets through, up to where it was paused. A long log is looked through in
 * parts, the newest rows of a part last, so that the page never waits for it.
 */
import type { LogRow, LogRows, MessageLog } from './message-log.js'

export interface LogFilter {
  /** What the message must contain, in whichever case; empty for all. */
  readonly text: string
  /** Labels of the servers; empty for all. */
  readonly servers: ReadonlySet<string>
  readonly kinds: ReadonlySet<LogRow['kind']>
}

export interface LogView {
  readonly count: number
  /** How many rows have been shown and are forgotten: the first one shown has been the so-manieth. */
  readonly forgotten: number
  /** How many rows have come since it was paused; 0 while it is not. */
  readonly held: number
  /** Whether there are rows that have not been looked at. */
  readonly isBehind: boolean
  row(index: number): LogRow | undefined
  setFilter(filter: LogFilter): void
  setPaused(isPaused: boolean): void
  /** Takes in what is new, for so many milliseconds at most. */
  update(budgetMs: number): void
}

/** How many rows are looked at between two looks at the clock. */
const rowsPerLook = 512

/** Everything is shown until a filter is set. */
export function createLogView(log: MessageLog): LogView {
  let matches: ((row: LogRow) => boolean) | undefined
  /** The rows that are shown, by their numbers; those before `head` are forgotten. Undefined: all of them are. */
  let shown: number[] | undefined
  let head = 0
  let forgottenBefore = 0
  /** The log, or what it was when it was paused. */
  let source: LogRows = log
  let scanned = log.first
  let start = log.first

  const restart = (): void => {
    shown = matches === undefined ? undefined : []
    head = 0
    forgottenBefore = 0
    start = source.first
    scanned = source.first
  }
  const forget = (): void => {
    if (shown === undefined) return
    while (head < shown.length && (shown[head] ?? 0) < source.first) head += 1
    if (head < 8192) return
    forgottenBefore += head
    shown = shown.slice(head)
    head = 0
  }
  restart()
  return {
    get count() {
      return shown === undefined ? source.end - source.first : shown.length - head
    },
    get forgotten() {
      return shown === undefined ? source.first - start : forgottenBefore + head
    },
    get held() {
      return log.end - source.end
    },
    get isBehind() {
      return shown !== undefined && scanned < source.end
    },
    row: (index) => source.row(shown === undefined ? source.first + index : (shown[head + index] ?? -1)),
    setFilter(filter) {
      matches = matcherOf(filter)
      restart()
    },
    setPaused(isPaused) {
      if (!isPaused) source = log
      else if (source === log) source = log.snapshot()
    },
    update(budgetMs) {
      if (shown === undefined || matches === undefined) return
      forget()
      const until = performance.now() + budgetMs
      scanned = Math.max(scanned, source.first)
      while (scanned < source.end) {
        const stop = Math.min(scanned + rowsPerLook, source.end)
        for (; scanned < stop; scanned += 1) {
          const row = source.row(scanned)
          if (row !== undefined && matches(row)) shown.push(scanned)
        }
        if (performance.now() >= until) return
      }
    },
  }
}

/** Undefined where the filter lets everything through. */
function matcherOf({ text, servers, kinds }: LogFilter): ((row: LogRow) => boolean) | undefined {
  if (text === '' && servers.size === 0 && kinds.size === 3) return undefined
  const pattern = new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i')
  return ({ kind, label, data }) =>
    kinds.has(kind) &&
    (servers.size === 0 || servers.has(label)) &&
    (text === '' || (typeof data === 'string' && pattern.test(data)))
}
