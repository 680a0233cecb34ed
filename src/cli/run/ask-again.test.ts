import { describe, expect, it } from 'vitest'
import { type Retry, untried } from '../../core/index.js'
import { askAgain } from './ask-again.js'

/** The pauses between the questions to a port that never accepts, for so many milliseconds. */
function pausesUntil(end: number): { at: number; ms: number }[] {
  const pauses: { at: number; ms: number }[] = []
  for (let [now, retry]: [number, Retry] = [0, untried]; now < end; now = retry.dueAt) {
    retry = askAgain(retry, { now, chance: 0, ageMs: now })
    pauses.push({ at: now, ms: retry.dueAt - now })
  }
  return pauses
}

describe('a port that does not accept WebSockets', () => {
  it('is asked at once, and at least every second while its server may be starting', () => {
    const [first, ...others] = pausesUntil(59_000)
    expect(first?.ms).toBeLessThanOrEqual(10)
    expect(Math.max(...others.map(({ ms }) => ms))).toBe(1000)
  })

  it('is asked rarely when it has not for a minute', () => {
    const late = pausesUntil(300_000).filter(({ at }) => at > 60_000)
    expect(Math.min(...late.map(({ ms }) => ms))).toBe(30_000)
  })
})
