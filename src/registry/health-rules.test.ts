import { describe, expect, it } from 'vitest'
import { firstSeen, isProbeDue, type Observed, stateOf } from './health-rules.js'

const well: Observed = { ...firstSeen(0), isManaged: true }

describe('stateOf', () => {
  it.each([
    ['up while it answers', {}, 'up'],
    ['unresponsive once a probe was silent', { hasAnswered: false }, 'unresponsive'],
    ['up while it has been stopped for a moment', { stoppedSince: 5001 }, 'up'],
    ['unresponsive when it has been stopped for long', { stoppedSince: 5000 }, 'unresponsive'],
    [
      'orphaned when its owner has gone, whether or not it answers',
      { isOrphaned: true, hasAnswered: false },
      'orphaned',
    ],
    ['the same for foreign servers', { isManaged: false, stoppedSince: 0 }, 'unresponsive'],
  ] as const)('is %s', (_what, seen, state) => {
    expect(stateOf({ ...well, ...seen }, 10_000)).toBe(state)
  })
})

describe('isProbeDue', () => {
  it.each([
    ['not before ten seconds have passed', {}, 9999, 1, false],
    ['every ten seconds while there are few', {}, 10_000, 100, true],
    ['more seldom the more there are', {}, 99_999, 1000, false],
    ['but in the end', {}, 100_000, 1000, true],
    ['again at once when it was silent', { hasAnswered: false }, 1, 1000, true],
    ['never while it is stopped', { stoppedSince: 0, hasAnswered: false }, 100_000, 1, false],
    ['never when it is foreign', { isManaged: false }, 1e9, 1, false],
  ] as const)('%s', (_what, seen, now, count, expected) => {
    expect(isProbeDue({ ...well, ...seen }, now, count)).toBe(expected)
  })
})
