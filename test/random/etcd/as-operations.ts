/**
 * What happened to runs in etcd beside what their processes did, as operations of a history: a lease that ran out is as if its process had
 * let go, and its coming back as if it had registered. Whether that was excused is judged elsewhere; here it must be in an order with all
 * that was answered.
 */
import type { Exit, Operation } from '../../support/history.js'
import type { Timed } from '../../support/linearize.js'
import { isTroubled, type Life } from './lives.js'
import type { Presence } from './presences.js'
import { type Measures, notBefore } from './probe.js'

export function asOperations(
  lives: readonly Life[],
  lists: readonly Operation[],
  exits: readonly Exit[],
  measures: Measures,
): Operation[] {
  return [...lives.flatMap((life) => operationsOf(life, measures)), ...lists, ...exits]
}

function operationsOf({ register, leave, exit, presences }: Life, measures: Measures): Operation[] {
  const { id, run, process } = register
  const wasThere = presences.length > 0
  /** It was done before it was heard of, and after the writes before it had begun. */
  const heardOf = (revision: number, at: number): Timed => ({
    invoked: Math.min(at, notBefore(measures, revision)),
    returned: at,
  })
  const isDead = (at: number): boolean => exit !== undefined && exit.invoked <= at
  const operations: Operation[] = []

  const isAnswered = register.result === 'ok' || (register.result === 'taken' && !wasThere)
  if (isAnswered) operations.push(register)
  else if (wasThere || register.result === 'unknown')
    operations.push({ ...register, result: 'unknown', returned: Infinity })

  /** What its letting go has ended; a lease that had run out before, or something late that came after it, is none of that. */
  const left = presences.find(
    ({ until, reason }) => leave !== undefined && reason === 'deregistered' && until >= leave.invoked,
  )
  if (leave !== undefined) {
    // What could not be removed at once is removed later, or goes with its process.
    const stays = ({ from, until }: Presence): boolean => from <= leave.returned && until > leave.returned
    const stayed = isTroubled(measures, leave) ? (presences.find(stays)?.until ?? 0) : 0
    operations.push({ ...leave, returned: Math.max(leave.returned, stayed) })
  }
  for (const [position, presence] of presences.entries()) {
    const { from, fromRevision, until, untilRevision = 0 } = presence
    if (position > 0 && !isDead(from))
      operations.push({ kind: 'register', process, id, run, result: 'ok', ...heardOf(fromRevision, from) })
    const isOver = until < Infinity && !isDead(until)
    if (isOver && presence !== left)
      operations.push({
        kind: 'deregister',
        process,
        id,
        run,
        result: 'ok',
        ...heardOf(untilRevision, until),
      })
  }
  return operations
}
