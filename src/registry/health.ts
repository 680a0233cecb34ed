/**
 * Finds the servers that are alive and do not answer. Off the hot path: whoever shows entries asks what is known.
 */
import { type Entry, type EntryState, isManaged } from '../core/index.js'
import { firstSeen, isProbeDue, type Observed, silentMs, stateOf } from './health-rules.js'
import { isOfThisMachine } from './listening.js'
import { hasExited } from './liveness-rules.js'
import { isProbeable, probeServer } from './probe-port.js'
import { hasLostOwner, here, processFacts } from './process-facts.js'

export interface Health {
  stateOf(entry: Entry): EntryState
  close(): void
}

export interface HealthOptions {
  /** The servers that there are now. */
  entries(): Iterable<Entry>
  /** Hears that some server's state is another than before. */
  onChange(): void
  /** Hears of a server whose process has exited, which whoever keeps its entry has not seen yet. */
  onExited(id: string): void
}

/** How often it is looked who is due to be asked. */
const lookMs = 2000

/** Every so many looks see which processes are stopped, zombies or others': some 10 microseconds for each server. */
const inspectEvery = 2

/** However many are due, so many are asked at one look. */
const maxAsks = 20

export function createHealth({ entries, onChange, onExited }: HealthOptions): Health {
  const known = new Map<string, Observed & { readonly state: EntryState }>()
  const asking = new Set<string>()
  let looks = 0
  let closed = false

  /** Returns whether that changes the server's state. */
  const note = (key: string, observed: Observed): boolean => {
    const state = stateOf(observed, performance.now())
    const before = known.get(key)?.state ?? 'up'
    known.set(key, { ...observed, state })
    return state !== before
  }

  const ask = async (key: string, entry: Entry): Promise<void> => {
    asking.add(key)
    const hasAnswered = await probeServer(entry, silentMs)
    asking.delete(key)
    const observed = known.get(key)
    if (closed || observed === undefined) return
    // Silence while it was stopped is no news, and counts by its own time.
    const isNews = hasAnswered || observed.stoppedSince === undefined
    if (isNews && note(key, { ...observed, hasAnswered, askedAt: performance.now() })) onChange()
  }

  const look = (): void => {
    looks += 1
    const now = performance.now()
    const present = new Map(Array.from(entries(), (entry) => [keyOf(entry), entry]))
    for (const key of known.keys()) if (!present.has(key)) known.delete(key)
    const exited = new Set<string>()
    const due: { key: string; entry: Entry; askedAt: number }[] = []
    let changed = false
    for (const [key, entry] of present) {
      const before = known.get(key) ?? firstSeen(now)
      const process = looks % inspectEvery === 0 ? stateOfProcess(entry) : undefined
      if (process === 'exited') exited.add(entry.id)
      const isStopped = process === undefined ? before.stoppedSince !== undefined : process === 'stopped'
      const stoppedSince = isStopped ? (before.stoppedSince ?? now) : undefined
      const isOrphaned = before.isOrphaned || hasLostOwner(entry)
      const observed = { ...before, isManaged: isManaged(entry), isOrphaned, stoppedSince }
      if (note(key, observed)) changed = true
      if (isProbeDue(observed, now, present.size) && !asking.has(key) && isProbeable(entry))
        due.push({ key, entry, askedAt: observed.askedAt })
    }
    due.sort((a, b) => a.askedAt - b.askedAt)
    for (const { key, entry } of due.slice(0, maxAsks)) void ask(key, entry)
    if (changed) onChange()
    for (const id of exited) onExited(id)
  }
  const timer = setInterval(look, lookMs)

  return {
    stateOf: (entry) => known.get(keyOf(entry))?.state ?? asOrphaned(entry).state,
    close() {
      closed = true
      clearInterval(timer)
    },
  }
}

/** What the process of an entry of this machine does; undefined for one of which nothing can be known. */
function stateOfProcess(entry: Entry): 'running' | 'stopped' | 'exited' | undefined {
  if (!isOfThisMachine(entry)) return undefined
  const facts = processFacts(entry.pid)
  if (hasExited(entry, here(), () => facts)) return 'exited'
  return facts.stopped === true ? 'stopped' : 'running'
}

/** The entries with the states that their servers turn out to be in within `patienceMs`. */
export function withStates(entries: readonly Entry[], patienceMs: number): Promise<Entry[]> {
  const answers = async (entry: Entry): Promise<boolean> => {
    if (stateOfProcess(entry) === 'stopped') return false
    return !isManaged(entry) || !isProbeable(entry) || probeServer(entry, patienceMs)
  }
  return Promise.all(
    entries.map(async (entry) => {
      if (entry.state === 'orphaned') return entry
      return { ...entry, state: (await answers(entry)) ? 'up' : 'unresponsive' }
    }),
  )
}

/** The entry, as orphaned if its owner has gone. */
export function asOrphaned(entry: Entry): Entry {
  return hasLostOwner(entry) ? { ...entry, state: 'orphaned' } : entry
}

/** One run of one server. */
function keyOf({ id, instance, pid, port }: Entry): string {
  return `${id} ${instance ?? `${pid}:${port}`}`
}
