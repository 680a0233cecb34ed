/**
 * Keeps entries as files under one directory: `servers.d/<id>.json` is the truth, `servers.json` the index
 * (`PROTOCOL.md`, "The registry on disk").
 */
import { setTimeout } from 'node:timers/promises'
import {
  asWsyardError,
  compareByStart,
  type Entry,
  isRecord,
  type ManagedEntry,
  type OnWarning,
  WsyardError,
} from '../../../core/index.js'
import { parseForeignEntry } from '../../entry-schema.js'
import { isForeignEntryDead } from '../../liveness-rules.js'
import { probePort } from '../../probe-port.js'
import { hasEnded, processFacts } from '../../process-facts.js'
import { warnOnce } from '../../warn-once.js'
import { type Driver, idTaken } from '../driver.js'
import {
  ensureDirectories,
  entryPath,
  listEntryIds,
  readEntry,
  readHolder,
  registryPaths,
  removeEntry,
  writeEntry,
} from './entry-files.js'
import { isManagedLine } from './index-file.js'
import { createIndexSync, type SyncKnowledge } from './index-sync.js'
import { readWholeIndex } from './open-index.js'
import { fileInode, fileStamp } from './safe-read.js'
import { createWatchers } from './watchers.js'

export interface FileDriverOptions {
  /** The registry's directory, absolute. It is made when something is first written. */
  home: string
  onWarning: OnWarning
}

/**
 * How long to lie still once the entry has its file, or has lost it. The kernel wakes those who watch on this very processor, where they
 * would wait for the index to be done.
 */
const yieldMs = 0.02

/** When others are changing the index, look again after about this long, and after twice as long each time, */
const firstRetryMs = 2

/** up to this, */
const maxRetryMs = 64

/** and leave it to them after so long. */
const giveUpMs = 6000

/** How long the end of a process may be put off by others that are changing the index. */
const atExitMs = 100

/**
 * How long after a removal to look whether the entry has come back, milliseconds after the look before. A hub that sees
 * the whole directory go at that moment puts back all that it knew; while this process lives nobody else can tell that
 * this entry had left.
 */
const lookAgainMs = [250, 1000, 4000, 15_000]

export function createFileDriver({ home, ...options }: FileDriverOptions): Driver {
  const onWarning = warnOnce(options.onWarning)
  const paths = registryPaths(home)
  const index = createIndexSync(paths, onWarning)
  /** What the disk looked like when each entry was last found in order. */
  const inOrder = new Map<string, string>()
  const watchers = createWatchers(paths, onWarning)

  const orWarn = (read: () => ManagedEntry | undefined): ManagedEntry | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof WsyardError)) throw error
      onWarning(error)
      return undefined
    }
  }
  const readOrWarn = (id: string): ManagedEntry | undefined => orWarn(() => readEntry(paths, id))

  const holderOf = (id: string): ManagedEntry | undefined => orWarn(() => readHolder(paths, id))

  /**
   * The index follows as well as it can: the entry file alone decides whether a call has succeeded. What is left
   * undone is done by the next look of any live server or hub.
   */
  const sync = async (knowledge: SyncKnowledge): Promise<boolean> => {
    const start = performance.now()
    try {
      for (let ms = firstRetryMs; performance.now() - start < giveUpMs; ms = Math.min(2 * ms, maxRetryMs)) {
        if (index.run(knowledge)) return true
        await setTimeout(ms * (0.5 + Math.random()))
      }
    } catch (error) {
      onWarning(asWsyardError(error))
    }
    return false
  }

  const markNow = (id: string): string =>
    [entryPath(paths, id), paths.entries, paths.index].map((path) => fileStamp(path) ?? 'none').join(' ')

  /** Writes the entry down unless it is; again when another run wrote under its id in between. */
  const takeId = async (entry: ManagedEntry): Promise<void> => {
    for (;;) {
      const inode = fileInode(entryPath(paths, entry.id))
      const holder = inode === undefined ? undefined : holderOf(entry.id)
      if (holder?.instance === entry.instance) return
      if (holder !== undefined && !hasEnded(holder)) throw idTaken(holder, entry.id)
      if (holder !== undefined && holder.id !== entry.id)
        removeEntry(paths, entry.id) // replaced, the file would keep its spelling
      else if (writeEntry(paths, entry, inode)) return
      await setTimeout(firstRetryMs * (0.5 + Math.random()))
    }
  }

  const settle = async (entry: ManagedEntry, isNew: boolean): Promise<void> => {
    const mark = markNow(entry.id)
    const settled = await sync({ isNew, entryOf: (id) => (id === entry.id ? entry : undefined) })
    // The mark from before the sync: had the sync changed anything, the next look looks again.
    if (settled) inOrder.set(entry.id, mark)
  }

  /** Removes the entry's own file. Returns false when that is not there, or another run's. */
  const removeFile = (id: string, instance: string | undefined): boolean => {
    inOrder.delete(id)
    const holder = holderOf(id)
    if (holder !== undefined && (holder.id !== id || holder.instance !== (instance ?? holder.instance)))
      return false
    return removeEntry(paths, id)
  }

  const stayAway = async (id: string, instance: string): Promise<void> => {
    for (const ms of lookAgainMs) {
      await setTimeout(ms, undefined, { ref: false })
      if (readOrWarn(id)?.instance === instance && removeFile(id, instance)) await sync({})
    }
  }

  const remove = async (id: string, instance?: string): Promise<boolean> => {
    const removed = removeFile(id, instance)
    pause(yieldMs)
    if (instance !== undefined) stayAway(id, instance).catch((error) => onWarning(asWsyardError(error)))
    if (removed || instance !== undefined) {
      await sync({})
      return removed
    }
    const isIt = (line: unknown): boolean => isRecord(line) && line.id === id && !isManagedLine(line)
    if ((await readWholeIndex(paths))?.lines.some(isIt) !== true) return false
    await sync({ isForeignGone: isIt })
    return true
  }

  const liveForeign = async (managedIds: ReadonlySet<string>): Promise<Entry[]> => {
    const found: Entry[] = []
    for (const line of (await readWholeIndex(paths))?.lines ?? []) {
      const parsed = isManagedLine(line) ? undefined : parseForeignEntry(line)
      if (parsed?.ok && !managedIds.has(parsed.entry.id)) found.push(parsed.entry)
    }
    const alive = await Promise.all(
      found.map(async (entry) => {
        const facts = processFacts(entry.pid)
        return facts.running || !isForeignEntryDead(facts, await probePort(entry.port))
      }),
    )
    // Of several under one id the last counts; the dead must not hide one that lives.
    const living = found.filter((_, position) => alive[position])
    return [...new Map(living.map((entry) => [entry.id, entry])).values()]
  }

  return {
    async put(entry) {
      const isNew = ensureDirectories(paths)
      const isPlaced = writeEntry(paths, entry, undefined) // most ids are free, and looking first takes longer
      pause(yieldMs)
      await (isPlaced ? undefined : takeId(entry))
      await settle(entry, isNew)
    },
    async keep(entry) {
      if (inOrder.get(entry.id) === markNow(entry.id)) return
      const isNew = ensureDirectories(paths)
      await takeId(entry)
      await settle(entry, isNew)
    },
    remove,
    removeAtExit(entries) {
      try {
        for (const { id, instance } of entries) removeFile(id, instance)
        const start = performance.now()
        while (!index.run({}) && performance.now() - start < atExitMs) pause(firstRetryMs)
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
    check: watchers.check,
    watch: watchers.watch,
    async close() {
      watchers.close()
    },
  }
}

/** Waits without giving up the thread. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
