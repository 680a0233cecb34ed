/**
 * Writes that went into an index file which had already lost its name to ours: a foreign writer had opened it before.
 * Only a descriptor still sees them, so the old file is kept open for a while, and what was added to it is put into
 * its successor. A writer that had read the successor before would take it out again with what it writes, so that it is
 * put back until it has stood there for a while. What was taken out is not: a server that leaves is found gone soon enough, and a
 * writer's old reading must not take out what has been put back since.
 */
import type { Line } from '../../../core/index.js'
import { addedForeignLines, foreignLines, type Index, lineKey } from './index-file.js'
import { contentOf, isIndex } from './open-index.js'
import type { OpenFile } from './safe-read.js'

/**
 * How long after losing its name a file is still looked at, and how long after it was put back a line may be taken out again. A writer has a
 * file open for some 0.1 ms, and reads it a millisecond before it writes, unless preempted.
 */
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
  /** The lines to put back, unless they are there. The time of each that this index lacks begins anew. */
  linesFor(index: Index): readonly Line[]
  /** The index has them now: those that have been there for a while are forgotten. */
  forgetLines(): void
  /** Whether there is something to look at again. */
  isWatching(): boolean
}

export function createLateWrites(): LateWrites {
  let watched: ReplacedFile[] = []
  const found = new Map<string, { readonly line: Line; putBackAt: number }>()

  /** Takes what has been added to a file. Returns false when it is half-written. */
  const take = (replaced: ReplacedFile): boolean => {
    const stamp = replaced.file.stamp()
    if (stamp === replaced.stamp) return true
    const content = contentOf(replaced.file)
    if (!isIndex(content)) return false
    for (const line of addedForeignLines(replaced.index, content))
      found.set(lineKey(line), { line, putBackAt: performance.now() })
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
    linesFor(index) {
      if (found.size === 0) return []
      const present = new Set(foreignLines(index).map(lineKey))
      for (const [key, late] of found) if (!present.has(key)) late.putBackAt = performance.now()
      return Array.from(found.values(), ({ line }) => line)
    },
    forgetLines() {
      for (const [key, { putBackAt }] of found) if (performance.now() - putBackAt > lateMs) found.delete(key)
    },
    isWatching: () => watched.length > 0 || found.size > 0,
  }
}
