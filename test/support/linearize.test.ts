/** The search for an order, against trying every order there is. */
import { expect, it } from 'vitest'
import { linearize, type Model, type Timed } from './linearize.js'
import { seededRandom } from './seeded-random.js'

interface Access extends Timed {
  readonly writes?: number
  readonly reads?: number
  /** A write that nobody answered. */
  readonly isUnknown?: boolean
}

/** A variable. */
const model: Model<Access, number> = {
  initial: 0,
  next(state, { writes, reads, isUnknown = false }) {
    if (writes === undefined) return state === reads ? [state] : []
    return isUnknown ? [writes, state] : [writes]
  },
  isRead: ({ writes }) => writes === undefined,
  key: String,
}

function hasOrder(left: readonly Access[], state = model.initial): boolean {
  if (left.length === 0) return true
  return left.some((first) => {
    if (left.some(({ returned }) => returned < first.invoked)) return false
    const others = left.filter((one) => one !== first)
    return model.next(state, first).some((next) => hasOrder(others, next))
  })
}

it('finds an order exactly when there is one', () => {
  const random = seededRandom(7)
  const outcomes = { ordered: 0, stuck: 0 }
  for (let turn = 0; turn < 3000; turn += 1) {
    const history = Array.from({ length: 1 + random.below(7) }, (): Access => {
      const invoked = random.below(12)
      const returned = invoked + random.below(8)
      const value = random.below(3)
      if (random.next() < 0.5) return { invoked, returned, reads: value }
      return random.next() < 0.3
        ? { invoked, returned: Infinity, writes: value, isUnknown: true }
        : { invoked, returned, writes: value }
    })
    const isOrdered = linearize(history, model) === undefined
    expect(isOrdered, JSON.stringify(history)).toBe(hasOrder(history))
    outcomes[isOrdered ? 'ordered' : 'stuck'] += 1
  }
  expect(Math.min(outcomes.ordered, outcomes.stuck)).toBeGreaterThan(500)
})

it('names the operation that nothing explains, and the state that it found', () => {
  const history: Access[] = [
    { invoked: 0, returned: 1, writes: 1 },
    { invoked: 2, returned: 3, reads: 1 },
    { invoked: 4, returned: 5, reads: 0 },
    { invoked: 6, returned: 7, reads: 1 },
  ]
  expect(linearize(history, model)).toEqual({ operation: history[2], state: 1 })
})
