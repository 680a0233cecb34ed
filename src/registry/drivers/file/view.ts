/**
 * What a hub sees of a registry on disk, always current: follows both directories, finds the dead, and keeps the
 * index in step. One per file driver, alive while anybody watches.
 */
import {
  asWsyardError,
  type Entry,
  type OnWarning,
  type RemovalReason,
  type WsyardError,
} from '../../../core/index.js'
import { createFeed, type Feed } from '../../feed.js'
import { createHealth } from '../../health.js'
import { turnover } from '../../process-facts.js'
import { isBuried } from './burial.js'
import { createDirectoryWatch } from './directory-watch.js'
import { idOfFileName, type RegistryPaths } from './entry-files.js'
import { createForeignEntries } from './foreign-entries.js'
import { createManagedEntries } from './managed-entries.js'
import { contentOf, createLossClock, isIndex, tornIndexMs, tornStepMs, withIndexFile } from './open-index.js'
import { isUnsettled, registryMark } from './registry-mark.js'
import { fileInode } from './safe-read.js'
import { createTimers } from './timers.js'
import { createUpkeep } from './upkeep.js'

/** How often to look whether a server has ended. All pids are asked, if any process of this computer has come or gone. */
const sweepMs = 100

/** How often the disk is looked at whether or not `fs.watch` spoke, for file systems on which it is silent. */
const pollMs = 1000

/** Every so many polls dial the ports of foreign entries, and look for who is due to be asked and for left-overs. */
const foreignEvery = 2

/** Every so many polls look for zombies, reused pids and stopped processes: some 10 microseconds for each server. */
const thoroughEvery = 4

/** Several writes of the index within this time are read as one. */
const indexMs = 10

/** How long a server that has just written its own file is given to write the index itself. */
const repairMs = 50

/** How long to wait before everything is read again, for whoever is removing a directory to be done. */
const everythingMs = 20

export interface FileView {
  readonly feed: Feed
  /** Looks at once whether the process of an entry has ended. */
  check(id: string): void
  close(): void
}

/**
 * @param onProblem hears that the registry cannot be read, and undefined when it can be again.
 */
export function createFileView(
  paths: RegistryPaths,
  onWarning: OnWarning,
  onProblem: (problem: WsyardError | undefined) => void,
): FileView {
  const warn = (error: unknown): void => onWarning(asWsyardError(error))
  const feed = createFeed()
  const managed = createManagedEntries(paths, warn)
  const foreign = createForeignEntries(paths, warn)
  const reasons = new Map<string, RemovalReason>()
  const timers = createTimers()
  const lostFor = createLossClock()
  let scanned: string | undefined
  /** Whether the index has been seen missing or broken: what it lacks then has not left. */
  let indexLost = false
  /** The directory of the entries as it was last read: another one in its place holds nothing that was known. */
  let directoryInode: bigint | undefined
  let isSweeping = false
  /** The computer's processes at the last sweep: while they are the same, none of the servers has ended. */
  let swept: string | undefined
  let polls = 0
  let closed = false

  const publish = (): void => {
    const entries = new Map<string, Entry>([...foreign.entries, ...managed.entries])
    for (const [id, entry] of entries) {
      const state = health.stateOf(entry)
      if (state !== entry.state) entries.set(id, { ...entry, state })
    }
    feed.update(entries, reasonFor)
    reasons.clear()
  }

  const reasonFor = (entry: Entry): RemovalReason =>
    reasons.get(entry.id) ?? (isBuried(paths, entry) ? 'exited' : 'deregistered')

  /** Reads with `step`; if that fails the last view stands, and the next poll reads everything again. */
  const read = (step: () => void): void => {
    if (closed) return
    try {
      step()
    } catch (error) {
      scanned = undefined
      onProblem(asWsyardError(error))
      return
    }
    for (const id of upkeep.buryDead()) reasons.set(id, 'exited')
    publish()
    timers.soon('repair', repairMs, repair)
  }

  const readAll = (): void =>
    read(() => {
      const made = upkeep.prepare()
      const inode = fileInode(paths.entries)
      if (made || inode !== directoryInode) restore()
      directoryInode = inode
      homeWatch.ensure()
      entriesWatch.ensure()
      const mark = registryMark(paths)
      managed.scan()
      loadIndex()
      scanned = mark
      onProblem(undefined)
    })

  /** The directory went, and nobody deregistered. */
  const restore = (): void => {
    indexLost = true
    upkeep.restoreEntries()
  }

  const loadIndex = (): void => {
    const wasLost = indexLost
    indexLost = true // should reading throw
    withIndexFile(paths, (file) => {
      const content = contentOf(file)
      const lostMs = lostFor(content, file)
      if (isIndex(content)) foreign.load(content, managed.entries, wasLost)
      else if (content === 'missing' || lostMs >= tornIndexMs) return
      else timers.soon('index', tornStepMs, () => read(loadIndex))
      indexLost = wasLost // until a repair has put back what was known
    })
  }

  const repair = (): void => {
    try {
      if (upkeep.repairIndex(indexLost)) indexLost = false
      else timers.soon('repair', repairMs, repair)
    } catch (error) {
      warn(error)
      scanned = undefined // the next poll tries again
    }
  }

  const onEntryFile = (name: string | undefined): void => {
    const id = name === undefined ? undefined : idOfFileName(name)
    if (name === undefined || !isSameDirectory()) timers.soon('everything', everythingMs, readAll)
    else if (id !== undefined) loadFile(id)
  }

  const isSameDirectory = (): boolean => fileInode(paths.entries) === directoryInode

  /** Tells the watchers first: a closer look at the processes takes longer than the rest, and hardly ever finds anything. */
  const loadFile = (id: string): void => {
    read(() => managed.load(id, false))
    check(id)
  }

  const check = (id: string): void => {
    if (managed.check(id)) read(() => {})
  }

  const onHomeFile = (name: string | undefined): void => {
    if (name === 'servers.json') timers.soon('index', indexMs, () => read(loadIndex))
    else if (name === undefined || !isSameDirectory()) timers.soon('everything', everythingMs, readAll)
  }

  const sweep = (thoroughly: boolean): void => {
    if (managed.sweep(thoroughly) || (thoroughly && managed.dead.size > 0)) read(() => {})
  }

  const sweepSoon = (): void => {
    const now = turnover()
    if (now !== undefined && now === swept) return
    swept = now
    sweep(false)
  }

  const sweepForeign = async (): Promise<void> => {
    if (isSweeping) return
    isSweeping = true
    const found = await foreign.sweep().finally(() => {
      isSweeping = false
    })
    for (const id of found) reasons.set(id, 'exited')
    if (reasons.size > 0) read(() => {})
    const stopped = new Set([...managed.stopped, ...foreign.stopped])
    health.observe([...managed.entries.values(), ...foreign.entries.values()], stopped)
  }

  const poll = (): void => {
    polls += 1
    const mark = registryMark(paths)
    const isWatched = homeWatch.ensure() && entriesWatch.ensure()
    if (!isWatched || mark !== scanned || isUnsettled(mark)) readAll()
    sweep(polls % thoroughEvery === 0)
    if (polls % foreignEvery !== 0) return
    sweepForeign().catch(warn)
    upkeep.tidy()
  }

  const health = createHealth(publish)
  const upkeep = createUpkeep(paths, managed, foreign, onWarning, warn)
  const homeWatch = createDirectoryWatch(paths.home, onHomeFile)
  const entriesWatch = createDirectoryWatch(paths.entries, onEntryFile)
  readAll()
  const intervals = [setInterval(poll, pollMs), setInterval(sweepSoon, sweepMs)]

  return {
    feed,
    check,
    close() {
      closed = true
      for (const interval of intervals) clearInterval(interval)
      timers.close()
      health.close()
      homeWatch.close()
      entriesWatch.close()
    },
  }
}
