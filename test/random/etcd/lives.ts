/**
 * What is known of each run of a random run over etcd, from all who know something: what its process was told and did, when that stood
 * still and ended, and when the store had it.
 */
import type { Deregister, Exit, Operation, Register } from '../../support/history.js'
import type { Timed } from '../../support/linearize.js'
import type { Stop } from '../company.js'
import { second } from './clock.js'
import type { Presence } from './presences.js'
import { type Measures, standstill } from './probe.js'

export interface Life {
  readonly register: Register
  /** When its process let go of it, if it did. */
  readonly leave: Deregister | undefined
  readonly exit: Exit | undefined
  readonly stops: readonly Stop[]
  /** In order. */
  readonly presences: readonly Presence[]
}

export interface Known {
  readonly operations: readonly Operation[]
  readonly exits: readonly Exit[]
  readonly stops: readonly Stop[]
  readonly presences: readonly Presence[]
}

export function livesOf({ operations, exits, stops, presences }: Known): Life[] {
  const leaves = new Map(operations.flatMap((one) => (one.kind === 'deregister' ? [[one.run, one]] : [])))
  const byProcess = new Map(exits.map((exit) => [exit.process, exit]))
  return operations.flatMap((register) => {
    if (register.kind !== 'register') return []
    const { run, process } = register
    return {
      register,
      leave: leaves.get(run),
      exit: byProcess.get(process),
      stops: stops.filter((stop) => stop.process === process),
      presences: presences.filter((presence) => presence.run === run),
    }
  })
}

/** How a run is named in a finding. */
export function nameOf({ register: { id, run } }: Life): string {
  return `${id} (${run})`
}

export function overlaps(a: Timed, b: Timed): boolean {
  return a.invoked <= b.returned && b.invoked <= a.returned
}

/** How much of a time is in any of others. */
export function overlapOf({ invoked, returned }: Timed, others: readonly Timed[]): number {
  let sum = 0
  let from = invoked
  for (const other of others.toSorted((a, b) => a.invoked - b.invoked)) {
    const [start, end] = [Math.max(from, other.invoked), Math.min(returned, other.returned)]
    sum += Math.max(0, end - start)
    from = Math.max(from, end)
  }
  return sum
}

/** So long, a change that was made by one process may take until others can know of it. */
const seenWithin = second / 2

/** How late something may be that had this time: as late as the writes of the run itself were. */
export function delay(measures: Measures, time: Timed): number {
  return seenWithin + standstill(measures, time)
}

/** Whether a member was killed or stopped around this time, or nothing could be written in it. */
export function isTroubled(measures: Measures, { invoked, returned }: Timed): boolean {
  const around = { invoked: invoked - second, returned: returned + second }
  return standstill(measures, around) > second || measures.faults.some((fault) => overlaps(fault, around))
}
