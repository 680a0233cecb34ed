/**
 * The short form of `npm run test:random`: servers that come, go, are killed and stopped, beside a naive writer and an
 * `rm` (rows 1, 9, 10 and 11 of the fault list at once); and that such a run finds what is planted in it.
 */
import { expect, it } from 'vitest'
import { play } from '../random/play.js'
import { report } from '../random/report.js'
import { isLong } from '../support/length.js'

const limits = { timeout: 240_000 }

it(
  'loses nothing, keeps nothing, and answers in an order that can be explained (rows 1, 9, 10, 11)',
  limits,
  async () => {
    const options = isLong ? { seed: 1, seconds: 15, processes: 30 } : { seed: 1, seconds: 10, processes: 20 }
    const outcome = await play(options)
    expect(outcome.isGood, report(options, outcome)).toBe(true)
    expect(outcome.quietAfterMs).toBeLessThanOrEqual(30_000)
    expect(outcome.liveServers).toBeGreaterThan(0)
  },
)

/** The others follow the same way to the same judge: `npm run test:long` has all. */
const shortened = 2

const named = /^[\w-]+: s\d+\.\d+: (list|register) /
const defects = [
  ['a registry as the spike has it', 'spike'],
  ['lists that go back in time', 'lists the past'],
  ['registrations that are lost', 'loses registrations'],
  ['entries that stay', 'keeps entries'],
  ['entries that are listed twice', 'lists twice'],
]
it.each(defects.slice(0, isLong ? undefined : shortened))(
  'names the ids that suffer from %s',
  limits,
  async (_what, defect) => {
    const size = isLong ? { seconds: 5, processes: 12 } : { seconds: 4, processes: 8 }
    const options = { seed: 1, ...size, quietMs: 4000, defect }
    const outcome = await play(options)
    expect(outcome.isGood, report(options, outcome)).toBe(false)
    expect(outcome.findings['history violations'].length).toBeGreaterThan(0)
    for (const finding of outcome.findings['history violations']) expect(finding).toMatch(named)
  },
)
