/**
 * Judges a random run by what its processes have recorded: finds what was lost, stale, twice, torn, or without an order
 * that explains it. Pure; gathering the evidence is the run's part.
 */
import { checkHistory, type Operation } from '../support/history.js'
import type { Timed } from '../support/linearize.js'
import { createReplay } from '../support/replay.js'
import type { Remark, TornRead, WorkerRecord } from './records.js'

/** What a place says of managed entries: the runs under each id. */
export type View = ReadonlyMap<string, readonly string[]>

export interface Evidence {
  readonly records: readonly WorkerRecord[]
  readonly exits: readonly Extract<Operation, { kind: 'exit' }>[]
  /** Processes that lived to the end. */
  readonly alive: ReadonlySet<string>
  /** When the home was removed, until everything must be back. */
  readonly losses: readonly Timed[]
  readonly remarks: readonly Remark[]
  readonly accidents: readonly string[]
  /** What was there at the end. */
  readonly views: { readonly index: View; readonly directory: View }
  readonly foreign: readonly string[]
}

/** Every list is of what is wrong, in words, and empty after a good run. */
export interface Findings {
  readonly lost: readonly string[]
  readonly stale: readonly string[]
  readonly duplicates: readonly string[]
  readonly torn: readonly string[]
  readonly 'history violations': readonly string[]
  readonly 'removals without cause': readonly string[]
  readonly 'wrong events': readonly string[]
  readonly 'refused or failed': readonly string[]
  readonly accidents: readonly string[]
}

export interface Judgement {
  readonly findings: Findings
  readonly isGood: boolean
  /** Reads that the naive writer's own writes tore. */
  readonly tornByNaiveWriter: number
  readonly liveServers: number
}

/** The runs that live processes have registered and not deregistered, under each id. */
export function liveRuns(
  operations: readonly Operation[],
  alive: ReadonlySet<string>,
): Map<string, string[]> {
  const left = new Set(operations.flatMap((one) => (one.kind === 'deregister' ? [one.run] : [])))
  const live = new Map<string, string[]>()
  for (const one of operations) {
    if (one.kind !== 'register' || one.result !== 'ok' || left.has(one.run) || !alive.has(one.process))
      continue
    live.set(one.id, [...(live.get(one.id) ?? []), one.run])
  }
  return live
}

/** The view that the watcher's events add up to, and what was wrong with the events. */
export function replayed(remarks: readonly Remark[]): {
  managed: View
  foreign: readonly string[]
  complaints: readonly string[]
} {
  const replay = createReplay()
  const complaints: string[] = []
  for (const remark of remarks) {
    if (!('event' in remark)) continue
    try {
      replay.take(remark.event)
    } catch (error) {
      complaints.push(String(error))
    }
  }
  const entries = [...replay.entries.values()]
  return {
    managed: new Map(
      entries.flatMap(({ id, instance, meta }) =>
        instance === undefined ? [] : [[id, [String(meta?.run)]]],
      ),
    ),
    foreign: entries.flatMap(({ id, instance }) => (instance === undefined ? [id] : [])),
    complaints,
  }
}

/** What is missing from a view, and what is too much in it. */
export function compare(where: string, view: View, live: View): { lost: string[]; stale: string[] } {
  const lost = [...live]
    .filter(([id]) => !view.has(id))
    .map(([id, runs]) => `${id} (${runs}) is not in ${where}`)
  const stale = [...view].flatMap(([id, runs]) =>
    runs.filter((run) => live.get(id)?.includes(run) !== true).map((run) => `${id} (${run}) is in ${where}`),
  )
  return { lost, stale }
}

export function judge(evidence: Evidence): Judgement {
  const { records, exits, alive, losses, remarks, accidents, views } = evidence
  const operations = [...records.flatMap((record) => record.operations), ...exits]
  const live = liveRuns(operations, alive)
  const watched = replayed(remarks)
  const compared = Object.entries({ ...views, "the watcher's view": watched.managed }).map(([where, view]) =>
    compare(where, view, live),
  )
  const torn = sortTornReads(remarks)
  const findings: Findings = {
    lost: compared.flatMap(({ lost }) => lost),
    stale: compared.flatMap(({ stale }) => stale),
    duplicates: [
      ...Object.entries(views).flatMap(([where, view]) =>
        [...view].filter(([, runs]) => runs.length > 1).map(([id]) => `${id} is twice in the ${where}`),
      ),
      ...remarks.flatMap((remark) =>
        'twice' in remark ? [`${remark.twice} in a reading of the index`] : [],
      ),
      ...watched.complaints.filter((what) => /twice|was added/.test(what)),
    ],
    torn: [
      ...torn.ours.map(({ torn, text }) => `${torn} held ${JSON.stringify(text.slice(0, 200))}`),
      ...records.flatMap(({ warnings }) =>
        warnings.map(({ message }) => message).filter((message) => /^Skipped \S*servers\.d/.test(message)),
      ),
    ],
    'history violations': checkHistory(operations, losses).map(({ id, what }) => `${id}: ${what}`),
    'removals without cause': removalsWithoutCause(operations, remarks, losses),
    'wrong events': [
      ...watched.complaints.filter((what) => !/twice|was added/.test(what)),
      ...(sameIds(watched.foreign, evidence.foreign)
        ? []
        : [`foreign entries: the watcher's are ${watched.foreign}, the index's ${evidence.foreign}`]),
    ],
    'refused or failed': records
      .flatMap(({ failures }) => failures)
      .filter((failure) => !losses.some((loss) => overlaps(failure, loss)))
      .map(({ message }) => message),
    accidents,
  }
  return {
    findings,
    isGood: Object.values(findings).every((list) => list.length === 0),
    tornByNaiveWriter: torn.naive.length,
    liveServers: [...live.values()].flat().length,
  }
}

/**
 * A read that was not whole is the naive writer's doing if that was writing into this very file (by its inode) at some
 * time of the read. We never write into a file that has a name, so that any other is ours; as is any that the naive
 * writer itself made, who is the only one to write in place.
 */
function sortTornReads(remarks: readonly Remark[]): { ours: TornRead[]; naive: TornRead[] } {
  const writes = remarks.filter((remark) => 'wrote' in remark)
  const reads = remarks.filter((remark): remark is TornRead => 'torn' in remark)
  const isNaive = (read: TornRead): boolean =>
    writes.some((write) => write.wrote === read.inode && overlaps(write, read))
  return { ours: reads.filter((read) => !isNaive(read)), naive: reads.filter(isNaive) }
}

/** Runs that the watcher was told had gone before anything had begun that takes them away. */
function removalsWithoutCause(
  operations: readonly Operation[],
  remarks: readonly Remark[],
  losses: readonly Timed[],
): string[] {
  const causes = new Map<string, number>()
  const exits = new Map(
    operations.flatMap((one) => (one.kind === 'exit' ? [[one.process, one.invoked]] : [])),
  )
  const note = (run: string, at: number | undefined): void => {
    if (at !== undefined) causes.set(run, Math.min(at, causes.get(run) ?? Infinity))
  }
  for (const one of operations) {
    if (one.kind === 'deregister') note(one.run, one.invoked)
    if (one.kind === 'register') note(one.run, exits.get(one.process))
  }
  return remarks.flatMap((remark) => {
    if (!('event' in remark) || remark.event.type !== 'change') return []
    const { at, event } = remark
    if (losses.some(({ invoked, returned }) => invoked <= at && at <= returned)) return []
    return event.changes.flatMap((change) => {
      if (change.type !== 'removed' || change.entry.instance === undefined) return []
      const run = String(change.entry.meta?.run)
      if ((causes.get(run) ?? Infinity) <= at) return []
      return [`${change.entry.id} (${run}) was removed as ${change.reason} at ${(at / 1e6).toFixed(3)} ms`]
    })
  })
}

function overlaps(a: Timed, b: Timed): boolean {
  return a.invoked <= b.returned && b.invoked <= a.returned
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return [...a].sort().join(' ') === [...b].sort().join(' ')
}
