/**
 * Looks for one order of concurrent operations that a sequential model allows and that respects time: an operation that
 * had returned before another was invoked comes first. The search of Wing and Gong with Lowe's memory of what was tried.
 * It knows nothing of registries.
 */

/** When something was asked for, and when its answer came: `Infinity` if none ever did. On one monotonic clock. */
export interface Timed {
  readonly invoked: number
  readonly returned: number
}

export interface Model<O, S> {
  readonly initial: S
  /** The states that the operation may lead to; none when it cannot happen, with this result, in this state. */
  next(state: S, operation: O): readonly S[]
  /** Whether the operation never changes the state: where it can happen, it is taken to happen. */
  isRead(operation: O): boolean
  /** Equal for equal states. */
  key(state: S): string
}

/** Where every order fails. */
export interface Stuck<O, S> {
  /** The operation that nothing explains, of the order that got furthest. */
  readonly operation: O
  /** The state in which it should have happened. */
  readonly state: S
}

/** One end of an operation, in a list by time of those that have no place in the order yet. */
interface End {
  readonly position: number
  readonly isCall: boolean
  previous: End | undefined
  next: End | undefined
}

interface Step<S> {
  readonly call: End
  readonly state: S
  /** States that are still to be tried in the place of the one that was. */
  readonly others: readonly S[]
}

/** Returns undefined when there is such an order. */
export function linearize<O extends Timed, S>(
  operations: readonly O[],
  model: Model<O, S>,
): Stuck<O, S> | undefined {
  const { head, returns } = endsByTime(operations)
  const tried = new Set<string>()
  const steps: Step<S>[] = []
  let state = model.initial
  let furthest = -1
  let stuck: Stuck<O, S> | undefined
  let end = head.next

  const lift = (call: End): void => {
    detach(call)
    detach(returns[call.position])
  }
  const putBack = (call: End): void => {
    attach(returns[call.position])
    attach(call)
  }

  /**
   * Tells one set of operations that have their place from another. All that were invoked before the first return that
   * is left are in it, but for those that are left.
   */
  const placed = (): string => {
    let text = ''
    for (let left = head.next; left !== undefined; left = left.next) {
      text += ` ${left.position}`
      if (!left.isCall) break
    }
    return text
  }

  /** Lets the operation happen, in the first way that was not tried before. */
  const take = (call: End, ways: readonly S[]): boolean => {
    lift(call)
    const isRead = model.isRead(operationOf(call))
    for (const [way, next] of ways.entries()) {
      const key = isRead ? '' : `${model.key(next)}:${placed()}`
      if (tried.has(key)) continue
      if (!isRead) tried.add(key)
      steps.push({ call, state, others: ways.slice(way + 1) })
      state = next
      end = head.next
      return true
    }
    putBack(call)
    return false
  }

  /** Undoes the last step that could have been another, and those after it. Reading later is no other. */
  const back = (): Step<S> | undefined => {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      state = step.state
      putBack(step.call)
      if (!model.isRead(operationOf(step.call))) return step
    }
    return undefined
  }

  const operationOf = ({ position }: End): O => {
    const operation = operations[position]
    if (operation === undefined) throw new Error(`there is no operation ${position}`)
    return operation
  }

  while (end !== undefined) {
    const operation = operationOf(end)
    if (end.isCall) {
      const ways = model.next(state, operation)
      if (!take(end, ways)) end = end.next
      continue
    }
    if (steps.length > furthest) {
      furthest = steps.length
      stuck = { operation, state }
    }
    // It had returned by now, and has no place: what was tried last was wrong.
    const wrong = back()
    if (wrong === undefined) return stuck
    if (!take(wrong.call, wrong.others)) end = wrong.call.next
  }
  return undefined
}

function endsByTime(operations: readonly Timed[]): { head: End; returns: readonly End[] } {
  const calls: End[] = []
  const returns: End[] = []
  for (const position of operations.keys()) {
    calls.push({ position, isCall: true, previous: undefined, next: undefined })
    returns.push({ position, isCall: false, previous: undefined, next: undefined })
  }
  const timeOf = ({ position, isCall }: End): number =>
    (isCall ? operations[position]?.invoked : operations[position]?.returned) ?? 0
  // At the same time, calls first: what is not certainly one after the other is concurrent.
  const compare = (a: End, b: End): number => {
    const [first, second] = [timeOf(a), timeOf(b)]
    return first === second ? Number(b.isCall) - Number(a.isCall) : first - second
  }
  const head: End = { position: -1, isCall: true, previous: undefined, next: undefined }
  let last = head
  for (const end of [...calls, ...returns].sort(compare)) {
    end.previous = last
    last.next = end
    last = end
  }
  return { head, returns }
}

function detach(end: End | undefined): void {
  if (end?.previous === undefined) return
  end.previous.next = end.next
  if (end.next !== undefined) end.next.previous = end.previous
}

/** The reverse, in the reverse order. */
function attach(end: End | undefined): void {
  if (end?.previous === undefined) return
  end.previous.next = end
  if (end.next !== undefined) end.next.previous = end
}
