/**
 * Writes that went into an index file which had already lost its name to ours: a foreign writer had opened it before.
 * Only a descriptor still sees them, so the old file is kept open for a while, and what was added to it is put into
 * its successor. What was taken out is not: a server that leaves is found gone soon enough, and a writer's old reading
 * must not take out what has been put back since.
 */
import type { Line } from '../../../core/index.js'
import { addedForeignLines, type Index, lineKey } from './index-file.js'
import { contentOf, isIndex } from './open-index.js'
import type { OpenFile } from './safe-read.js'

/** How long after losing its name a file is still looked at. A writer has it open for some 0.1 ms, unless preempted. */
export const lateMs = 250

/** The same for one that is in the middle of being written at that time. */
const tornLateMs = 2 * lateMs

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
  /** The lines to put back. */
  lines(): Iterable<Line>
  /** They are in the index now. */
  forgetLines(): void
  isWatching(): boolean
}

export function createLateWrites(): LateWrites {
  let watched: ReplacedFile[] = []
  const found = new Map<string, Line>()

  /** Takes what has been added to a file. Returns false when it is half-written. */
  const take = (replaced: ReplacedFile): boolean => {
    const stamp = replaced.file.stamp()
    if (stamp === replaced.stamp) return true
    const content = contentOf(replaced.file)
    if (!isIndex(content)) return false
    for (const line of addedForeignLines(replaced.index, content)) found.set(lineKey(line), line)
    replaced.stamp = stamp
    replaced.index = content
    return true
  }

  return {
    watch(replaced) {
      watched.push(replaced)
    },
    collect() {
      watched = watched.filter((replaced) => {
        const lastMs = take(replaced) ? lateMs : tornLateMs
        if (performance.now() - replaced.replacedAt < lastMs) return true
        replaced.file.close()
        return false
      })
    },
    lines: () => found.values(),
    forgetLines: () => found.clear(),
    isWatching: () => watched.length > 0,
  }
}
