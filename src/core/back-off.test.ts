import { describe, expect, it } from 'vitest'
import { backOff } from './back-off.js'

describe('after failures in a row', () => {
  it.each([
    [1, 10],
    [2, 100],
    [3, 200],
    [6, 1600],
    [7, 3200],
  ])('%i, one waits %i ms', (failures, pauseMs) => {
    expect(backOff(failures, 0)).toEqual({ pauseMs, isResting: false })
  })

  it.each([8, 9, 1000, Number.MAX_SAFE_INTEGER])('%i, one rests', (failures) => {
    expect(backOff(failures, 0)).toEqual({ pauseMs: 30_000, isResting: true })
  })

  it('chance shortens a pause by up to a half', () => {
    expect(backOff(1, 1).pauseMs).toBe(5)
    expect(backOff(8, 1).pauseMs).toBe(15_000)
  })
})
