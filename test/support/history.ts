/**
 * Judges what many processes were told by one registry: whether, for each id by itself, some order of what they did
 * explains every answer they got (linearizability). Pure: it is given operations with their times and results.
 *
 * A server is known by its `run`, a name that it alone registers with. What dies with its process is an operation as
 * well, `exit`. A stopped process has not died, so that there is nothing to tell of it.
 */
import { linearize, type Model, type Timed } from './linearize.js'

interface ByProcess extends Timed {
  readonly process: string
}

/** `taken`: refused as a live server has the id. `failed`: refused, with nothing done. `unknown`: it may be done or not. */
export interface Register extends ByProcess {
  readonly kind: 'register'
  readonly id: string
  readonly run: string
  readonly result: 'ok' | 'taken' | 'failed' | 'unknown'
}

/** Of the process's own registration: there is none to refuse. */
export interface Deregister extends ByProcess {
  readonly kind: 'deregister'
  readonly id: string
  readonly run: string
  readonly result: 'ok' | 'unknown'
}

export interface List extends ByProcess {
  readonly kind: 'list'
  /** The runs that were listed under each id: one, unless the list is wrong. */
  readonly seen: ReadonlyMap<string, readonly string[]>
}

/** From when the process was bound to end until it was seen to have ended. */
export interface Exit extends ByProcess {
  readonly kind: 'exit'
}

export type Operation = Register | Deregister | List | Exit

export interface Violation {
  readonly id: string
  readonly what: string
}

/**
 * @param losses times in which somebody else removed entries behind the registry's back, up to when it must have put
 *   them back. In such a time an entry may be missing from a list, and its id be given to another; and whoever puts
 *   entries back may put back one that has just deregistered, until that takes itself away again.
 */
export function checkHistory(
  operations: readonly Operation[],
  losses: readonly Timed[] = [],
): readonly Violation[] {
  const found: Violation[] = []
  const ids = new Set<string>()
  for (const operation of operations) {
    if (operation.kind === 'register') ids.add(operation.id)
    if (operation.kind !== 'list') continue
    for (const [id, runs] of operation.seen) {
      ids.add(id)
      if (runs.length > 1) found.push({ id, what: `${describe({ ...operation, run: runs.join(' and ') })}` })
    }
  }
  const exits = new Map(operations.filter(isExit).map((exit) => [exit.process, exit]))
  const isUnsure = ({ invoked, returned }: Timed): boolean =>
    losses.some((loss) => invoked <= loss.returned && loss.invoked <= returned)
  for (const id of [...ids].sort()) {
    const registers = operations.filter((one): one is Register => one.kind === 'register' && one.id === id)
    const owners = new Map(registers.map(({ run, process }) => [run, process]))
    const processes = new Set(owners.values())
    const part = operations
      .flatMap((operation) => projected(operation, id, exits, isUnsure))
      .filter(({ kind, process }) => kind !== 'exit' || processes.has(process))
    const stuck = linearize(part, idModel(owners))
    if (stuck === undefined) continue
    const { claims } = stuck.state
    const truth = claims.length === 0 ? 'nobody has it' : `${claims.join(' and ')} has it`
    found.push({ id, what: `${describe(stuck.operation)}, but ${truth}` })
  }
  return found
}

/** What one operation is to one id. */
type Step = (Register | Deregister | Exit | (ByProcess & { kind: 'list'; run: string | undefined })) & {
  /** Whether it was concurrent with a loss. */
  readonly isUnsure: boolean
}

function projected(
  operation: Operation,
  id: string,
  exits: ReadonlyMap<string, Exit>,
  isUnsure: (timed: Timed) => boolean,
): Step[] {
  if (operation.kind === 'list') {
    const { kind, process, invoked, returned } = operation
    return [
      { kind, process, invoked, returned, run: operation.seen.get(id)?.[0], isUnsure: isUnsure(operation) },
    ]
  }
  if (operation.kind === 'exit') return [{ ...operation, isUnsure: false }]
  if (operation.id !== id || operation.result === 'failed') return []
  // What a process was doing when it died is without effect from then on: its entries are not those of a live server.
  const returned = Math.min(operation.returned, exits.get(operation.process)?.returned ?? Infinity)
  return [{ ...operation, returned, isUnsure: isUnsure({ ...operation, returned }) }]
}

interface IdState {
  /** The live runs that have the id: one at most, but for losses. */
  readonly claims: readonly string[]
  /** Runs that have deregistered. */
  readonly left: readonly string[]
  /** After a loss two may have come to hold it. Until both have gone the one hides the other. */
  readonly isShared: boolean
  /** The processes that have ended: they register nothing more. */
  readonly ended: readonly string[]
}

/**
 * The rules of one id.
 *
 * @param owners the process of each run.
 */
function idModel(owners: ReadonlyMap<string, string>): Model<Step, IdState> {
  const add = (state: IdState, run: string): IdState => {
    const claims = [...state.claims, run].sort()
    return { ...state, claims, isShared: state.isShared || claims.length > 1 }
  }
  const keep = (state: IdState, stays: (run: string) => boolean): IdState => {
    const claims = state.claims.filter(stays)
    return { ...state, claims, isShared: state.isShared && claims.length > 0 }
  }
  const next = (state: IdState, step: Step): readonly IdState[] => {
    const isFree = state.claims.length === 0
    const mayBeFree = isFree || state.isShared || step.isUnsure
    const mayBeBack = (run: string): boolean =>
      step.isUnsure && state.left.includes(run) && !state.ended.includes(owners.get(run) ?? '')
    switch (step.kind) {
      case 'register': {
        if (step.result === 'taken') return isFree && !state.left.some(mayBeBack) ? [] : [state]
        const ways = mayBeFree && !state.ended.includes(step.process) ? [add(state, step.run)] : []
        return step.result === 'unknown' ? [...ways, state] : ways
      }
      case 'deregister': {
        const others = keep(state, (run) => run !== step.run)
        const after = { ...others, left: [...state.left, step.run].sort() }
        return step.result === 'unknown' ? [after, state] : [after]
      }
      case 'exit': {
        const after = keep(state, (run) => owners.get(run) !== step.process)
        return [{ ...after, ended: [...state.ended, step.process].sort() }]
      }
      case 'list': {
        const { run } = step
        const isRight = run === undefined ? mayBeFree : state.claims.includes(run) || mayBeBack(run)
        return isRight ? [state] : []
      }
    }
  }
  return {
    initial: { claims: [], left: [], isShared: false, ended: [] },
    next,
    isRead: (step) => step.kind === 'list' || (step.kind === 'register' && step.result === 'taken'),
    key: ({ claims, isShared }) => `${claims.join(' ')}${isShared ? ' shared' : ''}`, // what else there is follows from what was done
  }
}

function isExit(operation: Operation): operation is Exit {
  return operation.kind === 'exit'
}

/** In milliseconds of the clock that the operations go by. */
function describe(
  step: Timed & { kind: string; process: string; run?: string | undefined; result?: string },
): string {
  const what = [step.kind, step.run ?? (step.kind === 'list' ? 'without it' : ''), step.result ?? '']
  const times = [step.invoked, step.returned].map((time) => `${(time / 1e6).toFixed(3)} ms`)
  return `${step.process}: ${what.filter((part) => part !== '').join(' ')} (${times.join(' to ')})`
}
