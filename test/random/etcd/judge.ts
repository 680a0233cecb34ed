/**
 * Judges a random run over etcd: by what the store had, what everybody was told, and what every process did. Pure; gathering the evidence
 * is the run's part.
 */
import { checkHistory, type Exit, type Operation } from '../../support/history.js'
import type { Timed } from '../../support/linearize.js'
import { type Connection, checkPushHistory } from '../../support/push-history.js'
import type { Stop } from '../company.js'
import { compare, liveRuns, type View } from '../judge.js'
import type { Remark, WorkerRecord } from '../records.js'
import { asOperations } from './as-operations.js'
import { judgeStore } from './judge-store.js'
import { judgeWatcher } from './judge-watchers.js'
import { isTroubled, livesOf, overlaps } from './lives.js'
import { understand } from './presences.js'
import type { Measures } from './probe.js'
import type { StoreRevision } from './store-record.js'

export interface EtcdEvidence {
  readonly records: readonly WorkerRecord[]
  readonly exits: readonly Exit[]
  readonly stops: readonly Stop[]
  /** Processes that lived to the end. */
  readonly alive: ReadonlySet<string>
  readonly revisions: readonly StoreRevision[]
  readonly measures: Measures
  /** Seconds for which a lease holds. */
  readonly ttl: number
  /** What watchers have said, by their names. */
  readonly watchers: ReadonlyMap<string, readonly Remark[]>
  /** From when on one of them has been on the machine of the servers. */
  readonly seenFrom: number
  readonly subscribers: {
    readonly history: readonly (readonly Connection[])[]
    readonly complaints: readonly string[]
    readonly views: readonly (readonly string[])[]
  }
  /** What a list had at the end. */
  readonly listed: View
  readonly accidents: readonly string[]
  readonly endedAt: number
}

/** Every list is of what is wrong, in words, and empty after a good run. */
export interface EtcdFindings {
  readonly lost: readonly string[]
  readonly stale: readonly string[]
  readonly 'wrong reasons': readonly string[]
  readonly 'wrong events': readonly string[]
  readonly 'push history violations': readonly string[]
  readonly 'history violations': readonly string[]
  readonly 'refused or failed': readonly string[]
  readonly accidents: readonly string[]
}

export interface EtcdJudgement {
  readonly findings: EtcdFindings
  readonly isGood: boolean
  readonly liveServers: number
  readonly revokedByFormerLeader: number
  /** How long one that had exited was there at most, nanoseconds. */
  readonly longestDead: number
  /** How often runs have gone, by reason. */
  readonly reasons: ReadonlyMap<string, number>
  /** Of whom the lease ran out while they lived, and who have come back. */
  readonly cameBack: number
  /** The slowest change that a watcher was told, nanoseconds. */
  readonly slowest: number
}

export function judgeEtcd(evidence: EtcdEvidence): EtcdJudgement {
  const { records, exits, alive, revisions, measures, subscribers, accidents } = evidence
  const stops = [...evidence.stops, ...records.flatMap((record) => record.stops)]
  const operations = records.flatMap((record) => record.operations)
  const { presences, told } = understand(revisions)
  const lives = livesOf({ operations, exits, stops, presences })
  const live = liveRuns(operations, alive)
  const store = judgeStore({ ...evidence, lives })
  const watchers = [...evidence.watchers].map(([name, remarks]) => ({
    name,
    ...judgeWatcher(name, remarks, told, evidence),
  }))
  const views: [string, View][] = [
    ['a list', evidence.listed],
    ...watchers.map(({ name, view }): [string, View] => [`the view of the ${name}`, view]),
  ]
  const compared = views.map(([where, view]) => compare(where, view, live))
  const ids = [...live.keys()].sort().join()
  const findings: EtcdFindings = {
    lost: [...store.lost, ...compared.flatMap(({ lost }) => lost)],
    stale: [...store.stale, ...compared.flatMap(({ stale }) => stale)],
    'wrong reasons': store['wrong reasons'],
    'wrong events': watchers.flatMap((watcher) => watcher.findings),
    'push history violations': [
      ...checkPushHistory(subscribers.history).map(
        ({ property, subscriber, what }) => `${property}: subscriber ${subscriber} was told ${what}`,
      ),
      ...subscribers.complaints,
      ...subscribers.views.flatMap((view, position) =>
        [...view].sort().join() === ids
          ? []
          : [`subscriber ${position} sees ${view.length} servers in the end`],
      ),
    ],
    'history violations': checkHistory(asOperations(lives, operations.filter(isList), exits, measures)).map(
      ({ id, what }) => `${id}: ${what}`,
    ),
    'refused or failed': records.flatMap(({ failures }) =>
      failures.filter((failure) => !isExcused(failure, measures, stops)).map(({ message }) => message),
    ),
    accidents,
  }
  return {
    findings,
    isGood: Object.values(findings).every((list) => list.length === 0),
    liveServers: [...live.values()].flat().length,
    revokedByFormerLeader: store.revokedByFormerLeader,
    longestDead: store.longestDead,
    reasons: countsOf(presences.flatMap(({ reason }) => reason ?? [])),
    cameBack: lives.reduce((sum, life) => sum + Math.max(0, life.presences.length - 1), 0),
    slowest: Math.max(0, ...watchers.map((watcher) => watcher.slowest)),
  }
}

/** Whether it could not be done while etcd could not do it, or its own process stood still. */
function isExcused(
  failure: Timed & { readonly process: string },
  measures: Measures,
  stops: readonly Stop[],
): boolean {
  const isOwn = (stop: Stop): boolean => stop.process === failure.process && overlaps(stop, failure)
  return isTroubled(measures, failure) || stops.some(isOwn)
}

function isList(operation: Operation): boolean {
  return operation.kind === 'list'
}

function countsOf(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
