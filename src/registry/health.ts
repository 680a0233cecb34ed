/**
 * Finds the servers that are alive and do not answer. Off the hot path: whoever shows entries asks what is known.
 */
import { type Entry, type EntryState, isManaged } from '../core/index.js'
import { isProbeDue, type Observed, silentMs, stateOf } from './health-rules.js'
import { isOfThisMachine } from './listening.js'
import { isProbeable, probeServer } from './probe-port.js'
import { processFacts } from './process-facts.js'

export interface Health {
  /** Takes note of which servers there are, and of the ids of those whose processes are stopped; asks those that are due. */
  observe(entries: Iterable<Entry>, stopped: { has(id: string): boolean }): void
  stateOf(entry: Entry): EntryState
  close(): void
}

/** However many are due, so many are asked at one look; there is a look every two seconds. */
const maxAsks = 20

/**
 * @param onChange hears that some server's state is another than before.
 */
export function createHealth(onChange: () => void): Health {
  const known = new Map<string, Observed & { readonly state: EntryState }>()
  const asking = new Set<string>()
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

  return {
    observe(entries, stopped) {
      const now = performance.now()
      const present = new Map([...entries].map((entry) => [keyOf(entry), entry]))
      for (const key of known.keys()) if (!present.has(key)) known.delete(key)
      let changed = false
      const due: { key: string; entry: Entry; askedAt: number }[] = []
      for (const [key, entry] of present) {
        const before = known.get(key) ?? { askedAt: now, hasAnswered: true, stoppedSince: undefined }
        const stoppedSince = stopped.has(entry.id) ? (before.stoppedSince ?? now) : undefined
        const observed = { ...before, isManaged: isManaged(entry), stoppedSince }
        if (note(key, observed)) changed = true
        if (isProbeDue(observed, now, present.size) && !asking.has(key) && isProbeable(entry))
          due.push({ key, entry, askedAt: observed.askedAt })
      }
      due.sort((a, b) => a.askedAt - b.askedAt)
      for (const { key, entry } of due.slice(0, maxAsks)) void ask(key, entry)
      if (changed) onChange()
    },
    stateOf: (entry) => known.get(keyOf(entry))?.state ?? 'up',
    close() {
      closed = true
    },
  }
}

/** The entries with the states that their servers turn out to be in within `patienceMs`. */
export function withStates(entries: readonly Entry[], patienceMs: number): Promise<Entry[]> {
  const answers = async (entry: Entry): Promise<boolean> => {
    if (isOfThisMachine(entry) && processFacts(entry.pid).stopped === true) return false
    return !isManaged(entry) || !isProbeable(entry) || probeServer(entry, patienceMs)
  }
  return Promise.all(
    entries.map(async (entry) => ({ ...entry, state: (await answers(entry)) ? 'up' : 'unresponsive' })),
  )
}

/** One run of one server. */
function keyOf({ id, instance, pid, port }: Entry): string {
  return `${id} ${instance ?? `${pid}:${port}`}`
}
