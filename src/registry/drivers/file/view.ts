/**
 * What a hub sees of a registry on disk, always current: follows both directories, finds who has exited, and keeps the
 * index in step. This is the edge, which sees and does; what is to be done is decided in `view-step.ts`.
 */
import { asWsyardError, type Entry, type OnWarning, type RemovalReason } from '../../../core/index.js'
import { turnover } from '../../process-facts.js'
import type { DriverView, ViewListener } from '../driver.js'
import { createDirectoryWatch, type DirectoryWatch } from './directory-watch.js'
import { idOfFileName, type RegistryPaths } from './entry-files.js'
import { isMarkedExited } from './exited-mark.js'
import { createForeignEntries, type ForeignEntries } from './foreign-entries.js'
import { createManagedEntries, type ManagedEntries } from './managed-entries.js'
import { contentOf, createLossClock, isIndex, tornIndexMs, withIndexFile } from './open-index.js'
import { isUnsettled, registryMark } from './registry-mark.js'
import { directoryIdentity } from './safe-read.js'
import { createUpkeep, type Upkeep } from './upkeep.js'
import { type Deed, firstState, nextTime, type Seen, step, type ViewState } from './view-step.js'

export class FileView implements DriverView {
  readonly #paths: RegistryPaths
  readonly #listener: ViewListener
  readonly #warn: (error: unknown) => void
  readonly #managed: ManagedEntries
  readonly #foreign: ForeignEntries
  readonly #upkeep: Upkeep
  readonly #watches: readonly DirectoryWatch[]
  readonly #lostFor = createLossClock()
  /** Ids found to have exited since the entries were last told. */
  readonly #exited = new Set<string>()
  #state: ViewState = firstState(performance.now())
  #timer: NodeJS.Timeout | undefined
  #isDialling = false
  #isClosed = false

  constructor(paths: RegistryPaths, onWarning: OnWarning, listener: ViewListener) {
    this.#paths = paths
    this.#listener = listener
    this.#warn = (error) => onWarning(asWsyardError(error))
    this.#managed = createManagedEntries(paths, this.#warn)
    this.#foreign = createForeignEntries(paths, this.#warn)
    this.#upkeep = createUpkeep(paths, this.#managed, this.#foreign, onWarning, this.#warn)
    this.#watches = [
      createDirectoryWatch(paths.home, (name) => this.#onName('home', name)),
      createDirectoryWatch(paths.entries, (name) => this.#onName('entries', name)),
    ]
    this.#deeds['read all']()
    this.#setTimer()
  }

  check(id: string): void {
    if (this.#managed.check(id)) this.#see({ what: 'exits' })
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const watch of this.#watches) watch.close()
  }

  #see(seen: Seen): void {
    if (this.#isClosed) return
    const [state, deeds] = step(this.#state, seen, performance.now())
    const isTimerRight = nextTime(state) === nextTime(this.#state)
    this.#state = state
    if (!isTimerRight) this.#setTimer()
    for (const deed of deeds) {
      if (typeof deed === 'string') this.#deeds[deed]()
      else if ('check' in deed) this.check(deed.check)
      else this.#readEntry(deed.read)
    }
  }

  #setTimer(): void {
    clearTimeout(this.#timer)
    const ms = Math.ceil(Math.max(0, nextTime(this.#state) - performance.now()))
    if (!this.#isClosed) this.#timer = setTimeout(() => this.#onTime(), ms)
  }

  #onTime(): void {
    this.#see({ what: 'time' })
    this.#setTimer()
  }

  #onName(place: 'home' | 'entries', name: string | undefined): void {
    const directory = directoryIdentity(this.#paths.entries)
    const isNamed = name !== undefined
    if (place === 'home') this.#see({ what: 'home', isIndex: name === 'servers.json', isNamed, directory })
    else this.#see({ what: 'entries', id: isNamed ? idOfFileName(name) : undefined, isNamed, directory })
  }

  readonly #deeds: Record<Extract<Deed, string>, () => void> = {
    'read all': () => this.#read(() => this.#readAll()),
    'read index': () => this.#read(() => this.#readIndex()),
    'restore entries': () => this.#upkeep.restoreEntries(),
    'remove the exited': () => {
      for (const id of this.#upkeep.removeExited()) this.#exited.add(id)
    },
    publish: () => {
      const entries = new Map<string, Entry>([...this.#foreign.entries, ...this.#managed.entries])
      this.#listener.onEntries(entries, (gone) => this.#reasonFor(gone))
      this.#exited.clear()
    },
    'repair index': () => {
      try {
        this.#see({ what: 'repair', isDone: this.#upkeep.repairIndex(this.#state.isIndexLost) })
      } catch (error) {
        this.#warn(error)
        this.#see({ what: 'failure' })
      }
    },
    'look at disk': () => {
      const mark = registryMark(this.#paths)
      const isWatched = this.#watches.every((watch) => watch.ensure())
      if (this.#managed.exited.size > 0) this.#see({ what: 'exits' }) // whose files could not be taken away
      this.#see({ what: 'disk', mark, isSettled: !isUnsettled(mark), isWatched })
    },
    'look at processes': () => this.#see({ what: 'processes', turnover: turnover() }),
    'ask pids': () => {
      if (this.#managed.sweep()) this.#see({ what: 'exits' })
    },
    'dial foreign ports': () => void this.#dialForeign().catch(this.#warn),
    tidy: () => this.#upkeep.tidy(),
  }

  /** Reads in some way; if that fails the last view stands, and the next look at the disk reads everything again. */
  #read(read: () => Seen): void {
    let seen: Seen
    try {
      seen = read()
    } catch (error) {
      this.#see({ what: 'failure' })
      this.#listener.onProblem(asWsyardError(error))
      return
    }
    this.#see(seen)
  }

  #readAll(): Seen {
    const isNew = this.#upkeep.prepare()
    this.#see({ what: 'directory', directory: directoryIdentity(this.#paths.entries), isNew })
    for (const watch of this.#watches) watch.ensure()
    const mark = registryMark(this.#paths)
    this.#managed.scan()
    this.#readIndex()
    this.#listener.onProblem(undefined)
    return { what: 'read', mark }
  }

  #readIndex(): Seen {
    try {
      withIndexFile(this.#paths, (file) => {
        const content = contentOf(file)
        const ms = this.#lostFor(content, file)
        if (isIndex(content)) {
          this.#foreign.load(content, this.#managed.entries, this.#state.isIndexLost)
          this.#see({ what: 'index', is: 'whole' })
        } else {
          const isTorn = content !== 'missing' && ms < tornIndexMs
          this.#see({ what: 'index', is: isTorn ? 'torn' : 'lost' })
        }
      })
    } catch (error) {
      this.#see({ what: 'index', is: 'lost' })
      throw error
    }
    return { what: 'read' }
  }

  /** Tells of it first: a closer look at the process takes longer than the rest, and hardly ever finds anything. */
  #readEntry(id: string): void {
    this.#read(() => {
      this.#managed.load(id, false)
      return { what: 'read' }
    })
  }

  async #dialForeign(): Promise<void> {
    if (this.#isDialling) return
    this.#isDialling = true
    const found = await this.#foreign.sweep().finally(() => {
      this.#isDialling = false
    })
    for (const id of found) this.#exited.add(id)
    if (found.length > 0) this.#see({ what: 'exits' })
  }

  #reasonFor(gone: Entry): RemovalReason {
    return this.#exited.has(gone.id) || isMarkedExited(this.#paths, gone) ? 'exited' : 'deregistered'
  }
}
