import { describe, expect, it } from 'vitest'
import { type Failure, type Retry, retryAfter, untried } from './retry.js'

const now = 1000
const failure: Failure = { now, chance: 0 }

/** How it stands after so many failures in a row. */
function failed(failures: number): Retry {
  return Array.from({ length: failures }).reduce((retry: Retry) => retryAfter(retry, failure), untried)
}

describe('after failures in a row', () => {
  it.each([
    [1, 10],
    [2, 100],
    [3, 200],
    [6, 1600],
    [7, 3200],
  ])('%i, it is tried again after %i ms', (failures, pauseMs) => {
    expect(failed(failures)).toEqual({ failures, dueAt: now + pauseMs })
  })

  it.each([8, 9, 1000])('%i, there is a rest', (failures) => {
    expect(failed(failures)).toEqual({ failures, dueAt: now + 30_000, restMs: 30_000 })
  })

  it('chance shortens a pause by up to a half', () => {
    expect(retryAfter(untried, { now, chance: 1 }).dueAt).toBe(now + 5)
    expect(retryAfter(failed(7), { now, chance: 1 })).toMatchObject({ dueAt: now + 15_000, restMs: 15_000 })
  })

  it('no pause is longer than the limit, nor is a rest', () => {
    expect(retryAfter(failed(5), { ...failure, limitMs: 1000 }).dueAt).toBe(now + 1000)
    expect(retryAfter(failed(20), { ...failure, limitMs: 1000 }).dueAt).toBe(now + 1000)
  })
})

it('what has held for five seconds begins anew, and what has held for less does not', () => {
  expect(retryAfter(failed(9), { ...failure, heldMs: 5001 })).toEqual({ failures: 1, dueAt: now + 10 })
  expect(retryAfter(failed(2), { ...failure, heldMs: 4999 }).failures).toBe(3)
})

it('who refuses is not asked again at once', () => {
  expect(retryAfter(untried, { ...failure, isRefusal: true })).toEqual({ failures: 2, dueAt: now + 100 })
  expect(retryAfter(failed(5), { ...failure, heldMs: 60_000, isRefusal: true }).failures).toBe(2)
  expect(retryAfter(failed(5), { ...failure, isRefusal: true }).failures).toBe(6)
})
