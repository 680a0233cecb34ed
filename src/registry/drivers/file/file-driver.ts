/**
 * Keeps entries as files under one directory: `servers.d/<id>.json` is the truth, `servers.json` the index
 * (`PROTOCOL.md`, "The registry on disk").
 */
import { setTimeout } from 'node:timers/promises'
import {
  asWsyardError,
  compareByStart,
  type Entry,
  isForeignEntryDead,
  isManagedLine,
  isRecord,
  type ManagedEntry,
  type OnWarning,
  parseForeignEntry,
  WsyardError,
} from '../../../core/index.js'
import { probePort } from '../../probe-port.js'
import { hasEnded, processFacts } from '../../process-facts.js'
import { warnOnce } from '../../warn-once.js'
import { type Driver, idTaken } from '../driver.js'
import {
  ensureDirectories,
  entryPath,
  listEntryIds,
  readEntry,
  registryPaths,
  removeEntry,
  writeEntry,
} from './entry-files.js'
import { createIndexSync, type SyncKnowledge } from './index-sync.js'
import { readIndex } from './open-index.js'
import { fileInode, fileStamp } from './safe-read.js'
import { createWatchers } from './watchers.js'

export interface FileDriverOptions {
  /** The registry's directory, absolute. It is made when something is first written. */
  home: string
  onWarning: OnWarning
}

/** When others keep changing the index, look again after about this long, */
const retryMs = 30

/** and leave it to them after so many looks. */
const maxTries = 50

export function createFileDriver({ home, ...options }: FileDriverOptions): Driver {
  const onWarning = warnOnce(options.onWarning)
  const paths = registryPaths(home)
  const index = createIndexSync(paths, onWarning)
  /** What the disk looked like when each entry was last found in order. */
  const inOrder = new Map<string, string>()
  const watchers = createWatchers(paths, onWarning)

  const readOrWarn = (id: string): ManagedEntry | undefined => {
    try {
      return readEntry(paths, id)
    } catch (error) {
      if (!(error instanceof WsyardError)) throw error
      onWarning(error)
      return undefined
    }
  }

  /**
   * The index follows as well as it can: the entry file alone decides whether a call has succeeded. What is left
   * undone is done by the next look of any live server or hub.
   */
  const sync = async (knowledge: SyncKnowledge): Promise<boolean> => {
    try {
      for (let tries = 0; tries < maxTries; tries += 1) {
        if (index.run(knowledge)) return true
        await setTimeout(retryMs * (0.5 + Math.random()))
      }
    } catch (error) {
      onWarning(asWsyardError(error))
    }
    return false
  }

  const markNow = (id: string): string =>
    [entryPath(paths, id), paths.entries, paths.index].map((path) => fileStamp(path) ?? 'none').join(' ')

  /** Writes the entry down unless it is. Returns false when another run wrote under its id in between. */
  const takeId = (entry: ManagedEntry): boolean => {
    const inode = fileInode(entryPath(paths, entry.id))
    const holder = inode === undefined ? undefined : readOrWarn(entry.id)
    if (holder?.instance === entry.instance) return true
    if (holder !== undefined && !hasEnded(holder)) throw idTaken(holder)
    return writeEntry(paths, entry, inode)
  }

  const put = async (entry: ManagedEntry): Promise<void> => {
    const isNew = ensureDirectories(paths)
    while (!takeId(entry)) await setTimeout(retryMs * (0.5 + Math.random()))
    const mark = markNow(entry.id)
    const settled = await sync({ isNew, entryOf: (id) => (id === entry.id ? entry : undefined) })
    // The mark from before the sync: had the sync changed anything, the next look looks again.
    if (settled) inOrder.set(entry.id, mark)
  }

  /** Removes the entry's own file. Returns false when that is not there, or another run's. */
  const removeFile = (id: string, instance: string | undefined): boolean => {
    inOrder.delete(id)
    const holder = instance === undefined ? undefined : readOrWarn(id)
    if (holder !== undefined && holder.instance !== instance) return false
    return removeEntry(paths, id)
  }

  const remove = async (id: string, instance?: string): Promise<boolean> => {
    const removed = removeFile(id, instance)
    if (removed || instance !== undefined) {
      await sync({})
      return removed
    }
    const isIt = (line: unknown): boolean => isRecord(line) && line.id === id && !isManagedLine(line)
    if (readIndex(paths)?.lines.some(isIt) !== true) return false
    await sync({ isForeignGone: isIt })
    return true
  }

  const liveForeign = async (managedIds: ReadonlySet<string>): Promise<Entry[]> => {
    const found = new Map<string, Entry>()
    for (const line of readIndex(paths)?.lines ?? []) {
      const parsed = isManagedLine(line) ? undefined : parseForeignEntry(line)
      if (parsed?.ok && !managedIds.has(parsed.entry.id)) found.set(parsed.entry.id, parsed.entry)
    }
    const alive = await Promise.all(
      [...found.values()].map(async (entry) => {
        const facts = processFacts(entry.pid)
        return facts.running || !isForeignEntryDead(facts, await probePort(entry.port))
      }),
    )
    return [...found.values()].filter((_, position) => alive[position])
  }

  return {
    put,
    async keep(entry) {
      if (inOrder.get(entry.id) !== markNow(entry.id)) await put(entry)
    },
    remove,
    removeAtExit(entries) {
      try {
        for (const { id, instance } of entries) removeFile(id, instance)
        index.run({})
      } catch {
        // Nobody is left to tell; the next hub sees that this process has ended.
      }
    },
    async list() {
      const ids = listEntryIds(paths)
      const managed = [...ids].map(readOrWarn).filter((entry) => entry !== undefined && !hasEnded(entry))
      const entries = [...managed, ...(await liveForeign(ids))].filter((entry) => entry !== undefined)
      return entries.sort(compareByStart)
    },
    watch: watchers.watch,
    async close() {
      watchers.close()
    },
  }
}
