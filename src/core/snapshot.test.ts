import { expect, it } from 'vitest'
import type { Entry } from './entry.js'
import { toSnapshot } from './snapshot.js'

const entry: Entry = { id: 'a', port: 1, pid: 1, state: 'up' }

it('has the oldest server first, and those that do not say before all others', () => {
  const [early, late] = ['2026-01-03T17:42:03.456Z', '2026-01-03T17:42:03.789Z']
  const entries = [
    { ...entry, id: 'late', startedAt: late },
    { ...entry, id: 'early', startedAt: early },
    entry,
  ]
  expect(toSnapshot(entries).servers.map(({ id }) => id)).toEqual(['a', 'early', 'late'])
})

it('has the oldest first by the instant, in whichever zone it was written', () => {
  const times = { paris: '2026-11-24T10:00:00+02:00', utc: '2026-11-24T08:30:00Z' }
  const entries = Object.entries(times).map(([id, startedAt]) => ({ ...entry, id, startedAt }))
  const { servers } = toSnapshot(entries.reverse())
  expect(servers.map(({ id, startedAt }) => [id, startedAt])).toEqual(Object.entries(times))
})

it('shows nothing that only the registry needs', () => {
  const { servers } = toSnapshot([{ ...entry, machine: 'here', processStart: '1' }])
  expect(servers).toEqual([entry])
})
