import { describe, expect, it } from 'vitest'
import { type ManagedEntry, removalReasons } from '../core/index.js'
import { fromBase64, toBase64 } from './client/wire.js'
import { readRemoval, readRemovedEntry, removalValue } from './removal-values.js'

const entry: ManagedEntry = {
  id: 'a',
  port: 1,
  pid: 2,
  startedAt: '2026-11-26T09:00:00.000Z',
  name: 'worker',
  meta: { role: 'Grüße' },
  instance: '0'.repeat(32),
  machine: 'here.0',
  state: 'up',
}
const at = new Date('2026-11-26T10:00:00.000Z')
const json = (value: unknown): string => toBase64(JSON.stringify(value))

describe('what has left', () => {
  it.each(removalReasons)('says that it was %s, when, and all but its labels', (reason) => {
    const value = removalValue(entry, reason, at)
    const { id, port, pid, startedAt, name, state } = entry
    expect(readRemoval(value)).toEqual({ instance: entry.instance, reason })
    expect(readRemovedEntry(value)).toEqual({
      entry: { id, port, pid, startedAt, name, state },
      reason,
      removedAt: at.toISOString(),
    })
    expect(fromBase64(value)).not.toMatch(/Grüße|here\.0/)
  })

  it.each([
    ['no object', null],
    ['no run', { reason: 'exited' }],
    ['no reason', { instance: '0' }],
    ['a reason that there is not', { instance: '0', reason: 'bored' }],
  ])('says nothing with %s', (_, value) => {
    expect(readRemoval(json(value))).toBeUndefined()
    expect(readRemovedEntry(json(value))).toBeUndefined()
  })

  it.each([{ removedAt: undefined }, { removedAt: 'then' }, { port: 0 }])(
    'is not told of with %j, and its reason is',
    (fields) => {
      const value = json({ ...entry, reason: 'exited', removedAt: at.toISOString(), ...fields })
      expect(readRemovedEntry(value)).toBeUndefined()
      expect(readRemoval(value)).toEqual({ instance: entry.instance, reason: 'exited' })
    },
  )
})
