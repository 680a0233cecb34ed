/**
 * Judges what the store had and when: nothing live is missing from it, nothing dead stays longer than its lease, and every run goes for a
 * reason that holds. Every excuse is a time that was measured. Pure.
 */
import type { Timed } from '../../support/linearize.js'
import { millisecond, second } from './clock.js'
import { delay, isTroubled, type Life, nameOf, overlapOf, overlaps } from './lives.js'
import type { Presence } from './presences.js'
import type { Measures } from './probe.js'

export interface StoreEvidence {
  readonly lives: readonly Life[]
  readonly measures: Measures
  /** Seconds for which a lease holds. */
  readonly ttl: number
  /** From when on somebody watches who sees exits at once. */
  readonly seenFrom: number
  readonly endedAt: number
}

export interface StoreFindings {
  readonly lost: readonly string[]
  readonly stale: readonly string[]
  readonly 'wrong reasons': readonly string[]
  /** Live ones that a member revoked which did not know that it led no more (etcd #15247): not a finding. */
  readonly revokedByFormerLeader: number
  /** How long one that had exited was there at most, nanoseconds. */
  readonly longestDead: number
}

/** How long etcd waits for a word of its leader: so much longer a lease holds that a new one takes over. */
const electionTimeout = second

/** Within this time after its lease a dead one must have gone. */
const graceOfDead = second

/** Within this time, and a third of the lease, a live one must be back, or one that was not removed in time be gone. */
const graceOfLive = 2 * second

/** Within this time whoever sees exits must have taken out what has exited; a member that hangs costs them so much more. */
const graceOfSeen = 2 * second
const hangingMember = 6 * second

/** How often a leader looks which leases have run out, and how long it may take to revoke them. */
const revoking = second

export function judgeStore(evidence: StoreEvidence): StoreFindings {
  const { lives, measures, seenFrom, endedAt } = evidence
  const ttl = evidence.ttl * second
  const [lost, stale, reasons]: [string[], string[], string[]] = [[], [], []]
  const revoked = new Set<Presence>()
  let longestDead = 0
  const byId = new Map<string, Presence[]>()
  for (const presence of lives.flatMap(({ presences }) => presences))
    byId.set(presence.id, [...(byId.get(presence.id) ?? []), presence])

  const isDead = ({ exit }: Life, at: number): boolean => exit !== undefined && exit.invoked <= at
  const hasLeft = ({ leave }: Life, at: number): boolean => leave !== undefined && leave.invoked <= at

  /** Whether its process stood still, or etcd did, for so long that the lease ran out. */
  const isLapsed = ({ stops }: Life, at: number): boolean => {
    const time = { invoked: at - ttl - second, returned: at }
    const stood = overlapOf(time, stops)
    const waited = delay(measures, time)
    return stood + (waited > second ? waited : 0) >= ttl / 2
  }
  /** A leader that stood still gives each lease its whole time again when it goes on, and revokes it then, though it has been renewed by another. */
  const isRevoked = (at: number): boolean =>
    measures.faults.some(({ kind, wasLeader, returned: awake }) => {
      if (kind !== 'stop' || !wasLeader || at < awake) return false
      return (
        at <= awake + ttl + electionTimeout + revoking + delay(measures, { invoked: awake, returned: at })
      )
    })

  /** Times in which it should be there and is not. */
  const gapsOf = ({ register, leave, exit, presences }: Life): Timed[] => {
    if (register.result !== 'ok') return []
    const end = Math.min(leave?.invoked ?? endedAt, exit?.invoked ?? endedAt, endedAt)
    const gaps: Timed[] = []
    let from = register.returned
    for (const presence of presences) {
      if (presence.from > from) gaps.push({ invoked: from, returned: Math.min(presence.from, end) })
      from = Math.max(from, presence.until)
    }
    gaps.push({ invoked: from, returned: end })
    return gaps.filter(({ invoked, returned }) => invoked < returned)
  }
  const judgeGap = (life: Life, gap: Timed): void => {
    const { register, presences, stops } = life
    const gone = presences.find(({ until }) => until === gap.invoked)
    if (gone === undefined && gap.returned - gap.invoked <= delay(measures, gap)) return // the record was late
    const others = (byId.get(register.id) ?? []).filter(
      (one) => one.run !== register.run && overlaps({ invoked: one.from, returned: one.until }, gap),
    )
    const obstacles = [...stops.filter((stop) => overlaps(stop, gap)).map(({ returned }) => returned)]
    const free = Math.max(gap.invoked, ...obstacles, ...others.map(({ until }) => until))
    const hang = measures.faults.some((fault) => overlaps(fault, gap)) ? ttl / 3 : 0
    const back =
      free + ttl / 3 + graceOfLive + hang + delay(measures, { invoked: free, returned: gap.returned })
    if (gap.returned > back) lost.push(`${nameOf(life)} is missing ${during(gap)}`)
    if (gone === undefined) return
    if (isRevoked(gap.invoked)) revoked.add(gone)
    else if (!isLapsed(life, gap.invoked))
      lost.push(`${nameOf(life)} went as ${gone.reason} at ${ms(gap.invoked)}, though its process ran`)
  }

  /** When the last lease of a dead process has run out at the latest. */
  const leaseEnd = (dead: number): number => {
    let end = dead + ttl
    for (const at of measures.elections)
      if (at >= dead - electionTimeout && at <= end + graceOfDead)
        end = Math.max(end, at + ttl + electionTimeout)
    return end
  }
  const judgeStay = (life: Life, { from, until }: Presence): void => {
    const { register, leave, exit, stops } = life
    const last = Math.min(until, endedAt)
    const must = (what: string, since: number, limit: number): void => {
      const time = { invoked: since, returned: last }
      if (last > limit + delay(measures, time))
        stale.push(`${nameOf(life)} ${what}: it is there ${during(time)}`)
    }
    if (exit !== undefined && exit.returned < last) {
      const dead = exit.returned
      longestDead = Math.max(longestDead, last - dead)
      must('has exited', dead, leaseEnd(dead) + graceOfDead)
      const seen = Math.max(dead, seenFrom, from)
      const hang = measures.faults.some((fault) =>
        overlaps(fault, { invoked: seen - hangingMember, returned: last }),
      )
      must('has exited, and is seen to', seen, seen + graceOfSeen + (hang ? hangingMember : 0))
      return
    }
    if (leave !== undefined && leave.returned < last) {
      const since = Math.max(leave.returned, from)
      const troubled = isTroubled(measures, { invoked: register.invoked, returned: since })
      const runs = Math.max(
        since,
        ...stops
          .filter((stop) => overlaps(stop, { invoked: since, returned: last }))
          .map(({ returned }) => returned),
      )
      const later = Math.min(runs + ttl / 3 + graceOfLive, leaseEnd(since) + graceOfDead)
      must('has deregistered', since, troubled ? later : leave.returned)
    }
    if (register.result === 'taken' || register.result === 'failed')
      must(
        'was refused',
        Math.max(register.returned, from),
        Math.max(register.returned, from) + ttl + graceOfDead,
      )
  }

  const judgeReason = (life: Life, { until, reason }: Presence): void => {
    const { register } = life
    const isRefused = register.result !== 'ok'
    const holds: Record<string, boolean> = {
      deregistered: hasLeft(life, until) || isDead(life, until) || isRefused,
      expired:
        hasLeft(life, until) || isDead(life, until) || isRefused || isLapsed(life, until) || isRevoked(until),
      exited: isDead(life, until) && until >= seenFrom,
      replaced: isDead(life, until) || hasLeft(life, until),
    }
    if (reason !== undefined && holds[reason] !== true)
      reasons.push(`${nameOf(life)} has gone as ${reason} at ${ms(until)}`)
  }

  for (const life of lives) {
    for (const gap of gapsOf(life)) judgeGap(life, gap)
    for (const presence of life.presences) {
      judgeStay(life, presence)
      judgeReason(life, presence)
    }
  }
  return { lost, stale, 'wrong reasons': reasons, revokedByFormerLeader: revoked.size, longestDead }
}

function during({ invoked, returned }: Timed): string {
  return `from ${ms(invoked)} to ${ms(returned)}`
}

function ms(time: number): string {
  return `${(time / millisecond).toFixed(0)} ms`
}
