/**
 * Writes that went into an index file which had already lost its name to ours: a foreign writer had opened it before.
 * Only a descriptor still sees them, so the old file is kept open for a while, and what was added to it is put into
 * its successor. What was taken out is not: a server that leaves is found dead soon enough, and a writer's old reading
 * must not take out what has been put back since.
 */
import { addedForeignLines, type Index, type Line, lineKey } from '../../../core/index.js'
import { isIndex, settle } from './open-index.js'
import type { OpenFile } from './safe-read.js'

/** How long after losing its name a file is still looked at. A writer has it open for some 0.1 ms, unless preempted. */
export const lateMs = 250

/**
 * How long a line that was put back is looked after: its writer may be in the middle of its next read-modify-write,
 * whose reading missed it.
 */
const confirmMs = 100

/** A file that was replaced, and what was known of it then. */
export interface ReplacedFile {
  readonly file: OpenFile
  stamp: string
  index: Index
  /** On the monotonic clock, milliseconds. */
  readonly replacedAt: number
}

export interface LateWrites {
  /** Takes over an open file, and closes it when its time is up. */
  watch(replaced: ReplacedFile): void
  /** Looks at the files that are watched. */
  collect(): void
  /** Adds lines found in another way. */
  add(lines: readonly Line[]): void
  /** The lines to put back. */
  lines(): Iterable<Line>
  isWatching(): boolean
  /** Whether no line needs looking after any more. */
  areSettled(): boolean
}

export function createLateWrites(): LateWrites {
  let watched: ReplacedFile[] = []
  const found = new Map<string, Line>()
  let foundAt = 0

  const add = (lines: readonly Line[]): void => {
    if (lines.length > 0) foundAt = performance.now()
    for (const line of lines) found.set(lineKey(line), line)
  }

  return {
    watch(replaced) {
      watched.push(replaced)
    },
    collect() {
      watched = watched.filter((replaced) => {
        const { file, stamp, index, replacedAt } = replaced
        replaced.stamp = file.stamp()
        if (replaced.stamp !== stamp) {
          const content = settle(file, lateMs)
          if (isIndex(content)) {
            add(addedForeignLines(index, content))
            replaced.index = content
          }
        }
        if (performance.now() - replacedAt < lateMs) return true
        file.close()
        return false
      })
    },
    add,
    lines: () => found.values(),
    isWatching: () => watched.length > 0,
    areSettled() {
      if (found.size > 0 && performance.now() - foundAt < confirmMs) return false
      found.clear()
      return true
    },
  }
}
