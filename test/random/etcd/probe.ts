/**
 * Measures how well a cluster does during a random run: when it could be written to, and when it has got another leader. All that a
 * registry may be late by is taken from that, and nothing is guessed.
 */
import type { EtcdCluster } from '../../support/etcd.js'
import type { Timed } from '../../support/linearize.js'
import { now } from './clock.js'

/** What the cluster has let through. */
export interface Measures {
  /** Writes that have been answered, in the order of their answers. */
  readonly writes: readonly ProbeWrite[]
  /** The same of reads. */
  readonly reads: readonly Timed[]
  /** When a new leader had been elected, at the latest: from then on every lease has its whole time again. */
  readonly elections: readonly number[]
  /** Members that were killed or stopped, until they were there again. */
  readonly faults: readonly MemberFault[]
}

export interface ProbeWrite extends Timed {
  readonly revision: number
}

export interface MemberFault extends Timed {
  readonly kind: 'kill' | 'stop'
  readonly wasLeader: boolean
}

export interface Probe {
  /** Notes that a member is about to be killed or stopped. Returns what is called when it is there again. */
  fault(kind: MemberFault['kind'], wasLeader: boolean): () => void
  measures(): Measures
  close(): void
}

/** How often the cluster is written to: by one member after the other. */
const everyMs = 50

/** After so long an answer would say nothing. */
const answerMs = 2000

export function probeCluster(cluster: EtcdCluster): Probe {
  const writes: ProbeWrite[] = []
  const reads: Timed[] = []
  const elections: number[] = []
  const faults: MemberFault[] = []
  let term = 0
  let turn = 0

  const probe = async (): Promise<void> => {
    turn += 1
    const { url } = cluster.member(turn % cluster.members.length)
    const invoked = now()
    const written = await ask(url, '/v3/kv/put')
    if (written === undefined) return // a member that is stopped or killed: the next one is asked
    const [latest, revision] = [Number(written.raft_term), Number(written.revision)]
    writes.push({ invoked, returned: now(), revision })
    if (term > 0 && latest > term) elections.push(now())
    term = Math.max(term, latest)
    const asked = now()
    if ((await ask(url, '/v3/kv/range')) !== undefined) reads.push({ invoked: asked, returned: now() })
  }
  const timer = setInterval(() => void probe(), everyMs)

  return {
    fault(kind, wasLeader) {
      const position = faults.push({ kind, wasLeader, invoked: now(), returned: Infinity }) - 1
      return () => {
        const fault = faults[position]
        if (fault !== undefined) faults[position] = { ...fault, returned: now() }
      }
    },
    measures: () => ({
      writes: [...writes],
      reads: [...reads],
      elections: [...elections],
      faults: [...faults],
    }),
    close: () => clearInterval(timer),
  }
}

async function ask(url: string, path: string): Promise<Header | undefined> {
  const body = JSON.stringify({ key: Buffer.from('probe').toString('base64') })
  try {
    const response = await fetch(url + path, { method: 'POST', body, signal: AbortSignal.timeout(answerMs) })
    return ((await response.json()) as { header?: Header }).header
  } catch {
    return undefined
  }
}

interface Header {
  readonly raft_term: string
  readonly revision: string
}

/** The longest that a write or a read took, or all of them failed, in this time: so late may be whatever was to happen in it. */
export function standstill({ writes, reads }: Measures, time: Timed): number {
  return Math.max(longest(writes, time), longest(reads, time))
}

function longest(answered: readonly Timed[], { invoked, returned }: Timed): number {
  let found = 0
  for (const [position, one] of answered.entries()) {
    const before = answered[position - 1]?.returned ?? one.returned
    const isIn = (from: number): boolean => from <= returned && one.returned >= invoked
    if (isIn(before)) found = Math.max(found, one.returned - before)
    if (isIn(one.invoked)) found = Math.max(found, one.returned - one.invoked)
  }
  return found
}

/** A time before which a revision cannot have been: when the last write began that came before it. */
export function notBefore({ writes }: Measures, revision: number): number {
  const before = writes.filter((write) => write.revision < revision)
  return Math.max(0, ...before.map(({ invoked }) => invoked))
}
