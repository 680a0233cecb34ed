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
import { hasExitedNow } from '../../process-facts.js'
import type { RemovedEntry } from '../../registry.js'
import { warnOnce } from '../../warn-once.js'
import { type Driver, type DriverView, idTaken, type ViewListener } from '../driver.js'
import {
  ensureDirectories,
  entryPath,
  listEntryIds,
  type RegistryPaths,
  readEntry,
  readHolder,
  registryPaths,
  removeEntry,
  writeEntry,
} from './entry-files.js'
import { foreignServers } from './foreign-servers.js'
import { isManagedLine } from './index-file.js'
import { createIndexSync, type IndexSync, type SyncKnowledge } from './index-sync.js'
import { createKeeper, type Keeper } from './keeper.js'
import { readWholeIndex } from './open-index.js'
import { pause } from './pause.js'
import { logRemoval, readRemovals } from './removal-log.js'
import { fileInode, fileStamp } from './safe-read.js'

export interface FileDriverOptions {
  /** The registry's directory, absolute. It is made when something is first written. */
  home: string
  onWarning: OnWarning
}

/**
 * How long to lie still once the entry has its file, or has lost it. The kernel wakes those who watch on this very
 * processor, where they would wait for the index to be done.
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

export class FileDriver implements Driver {
  readonly #paths: RegistryPaths
  readonly #onWarning: OnWarning
  readonly #index: IndexSync
  readonly #keeper: Keeper
  /** What the disk looked like when each entry was last found in order. */
  readonly #inOrder = new Map<string, string>()

  constructor({ home, onWarning }: FileDriverOptions) {
    this.#paths = registryPaths(home)
    this.#onWarning = warnOnce(onWarning)
    this.#index = createIndexSync(this.#paths, this.#onWarning)
    this.#keeper = createKeeper((entry) => this.#keep(entry), this.#onWarning)
  }

  async put(entry: ManagedEntry): Promise<void> {
    const isNew = ensureDirectories(this.#paths)
    const isPlaced = writeEntry(this.#paths, entry, undefined) // most ids are free, and looking first takes longer
    pause(yieldMs)
    await (isPlaced ? undefined : this.#takeId(entry))
    this.#keeper.start(entry)
    await this.#settle(entry, isNew)
  }

  release = ({ instance }: ManagedEntry): void => this.#keeper.stop(instance)

  async remove(id: string, instance?: string): Promise<boolean> {
    if (instance !== undefined) this.#keeper.stop(instance)
    const removed = this.#removeFile(id, instance)
    pause(yieldMs)
    if (instance !== undefined) this.#stayAway(id, instance).catch(this.#warn)
    if (removed !== undefined || instance !== undefined) {
      await this.#sync({})
      if (typeof removed === 'object') logRemoval(this.#paths, removed, 'deregistered')
      return removed !== undefined
    }
    const isIt = (line: unknown): boolean => isRecord(line) && line.id === id && !isManagedLine(line)
    if ((await readWholeIndex(this.#paths))?.lines.some(isIt) !== true) return false
    await this.#sync({ isForeignGone: isIt })
    return true
  }

  removeAtExit(entries: Iterable<ManagedEntry>): void {
    try {
      const removed = Array.from(entries, ({ id, instance }) => this.#removeFile(id, instance))
      const start = performance.now()
      while (!this.#index.run({}) && performance.now() - start < atExitMs) pause(firstRetryMs)
      for (const one of removed) if (typeof one === 'object') logRemoval(this.#paths, one, 'deregistered')
    } catch {
      // Nobody is left to tell; the next hub sees that this process has exited.
    }
  }

  async list(): Promise<Entry[]> {
    const ids = listEntryIds(this.#paths)
    const managed = this.#entriesOf(ids).filter((entry) => !hasExitedNow(entry))
    return [...managed, ...(await foreignServers(this.#paths, ids)).living].sort(compareByStart)
  }

  async removed(): Promise<RemovedEntry[]> {
    const left = this.#exitedEntries().map(
      (entry) => ({ entry, reason: 'exited', removedAt: undefined }) as const,
    )
    return [...left, ...readRemovals(this.#paths)]
  }

  async prune(): Promise<Entry[]> {
    const { pruneExited } = await import('./prune.js') // for people, who may wait
    return pruneExited(this.#paths, this.#exitedEntries(), (knowledge) => this.#sync(knowledge))
  }

  async view(listener: ViewListener): Promise<DriverView> {
    const { FileView } = await import('./view.js') // a server registers and never watches, and starts sooner without
    return new FileView(this.#paths, this.#onWarning, listener)
  }

  async close(): Promise<void> {
    this.#keeper.stopAll()
  }

  /** What the files of these ids hold, but for those that hold none. */
  #entriesOf(ids: Iterable<string>): ManagedEntry[] {
    return Array.from(ids, (id) => this.#orWarn(() => readEntry(this.#paths, id)) ?? []).flat()
  }

  /** Those that nobody has cleared away after yet. */
  #exitedEntries(): ManagedEntry[] {
    return this.#entriesOf(listEntryIds(this.#paths)).filter(hasExitedNow)
  }

  readonly #warn = (error: unknown): void => this.#onWarning(asWsyardError(error))

  #orWarn(read: () => ManagedEntry | undefined): ManagedEntry | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof WsyardError)) throw error
      this.#onWarning(error)
      return undefined
    }
  }

  /** Writes the entry down unless it is; again when another run wrote under its id in between. */
  async #takeId(entry: ManagedEntry): Promise<void> {
    const paths = this.#paths
    for (;;) {
      const inode = fileInode(entryPath(paths, entry.id))
      const holder = inode === undefined ? undefined : this.#holderOf(entry.id)
      if (holder?.instance === entry.instance) return
      if (holder !== undefined && !hasExitedNow(holder)) throw idTaken(holder, entry.id)
      if (holder !== undefined && holder.id !== entry.id)
        removeEntry(paths, entry.id) // replaced, the file would keep its spelling
      else if (writeEntry(paths, entry, inode)) {
        if (holder !== undefined) logRemoval(paths, holder, 'replaced')
        return
      }
      await setTimeout(firstRetryMs * (0.5 + Math.random()))
    }
  }

  #holderOf(id: string): ManagedEntry | undefined {
    return this.#orWarn(() => readHolder(this.#paths, id))
  }

  /** Looks whether the entry is still as it was put, as cheaply as it can, and puts it back if not. */
  async #keep(entry: ManagedEntry): Promise<void> {
    if (this.#inOrder.get(entry.id) === this.#markOf(entry.id)) return
    const isNew = ensureDirectories(this.#paths)
    await this.#takeId(entry)
    await this.#settle(entry, isNew)
  }

  async #settle(entry: ManagedEntry, isNew: boolean): Promise<void> {
    const mark = this.#markOf(entry.id)
    const settled = await this.#sync({ isNew, entryOf: (id) => (id === entry.id ? entry : undefined) })
    // The mark from before the sync: had the sync changed anything, the next look looks again.
    if (settled) this.#inOrder.set(entry.id, mark)
  }

  #markOf(id: string): string {
    const { entries, index } = this.#paths
    return [entryPath(this.#paths, id), entries, index].map((path) => fileStamp(path) ?? 'none').join(' ')
  }

  /**
   * The index follows as well as it can: the entry file alone decides whether a call has succeeded. What is left
   * undone is done by the next look of any live server or hub.
   */
  async #sync(knowledge: SyncKnowledge): Promise<boolean> {
    const start = performance.now()
    try {
      for (let ms = firstRetryMs; performance.now() - start < giveUpMs; ms = Math.min(2 * ms, maxRetryMs)) {
        if (this.#index.run(knowledge)) return true
        await setTimeout(ms * (0.5 + Math.random()))
      }
    } catch (error) {
      this.#warn(error)
    }
    return false
  }

  /** Removes the entry's own file. Returns what it held; undefined when it is not there, or another run's. */
  #removeFile(id: string, instance: string | undefined): ManagedEntry | 'unreadable' | undefined {
    this.#inOrder.delete(id)
    const holder = this.#holderOf(id)
    if (holder !== undefined && (holder.id !== id || holder.instance !== (instance ?? holder.instance)))
      return undefined
    return removeEntry(this.#paths, id) ? (holder ?? 'unreadable') : undefined
  }

  async #stayAway(id: string, instance: string): Promise<void> {
    for (const ms of lookAgainMs) {
      await setTimeout(ms, undefined, { ref: false })
      const present = this.#orWarn(() => readEntry(this.#paths, id))
      if (present?.instance === instance && this.#removeFile(id, instance) !== undefined) await this.#sync({})
    }
  }
}
