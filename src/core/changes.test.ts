import { describe, expect, it } from 'vitest'
import { diffEntries } from './changes.js'
import type { Entry } from './entry.js'

const entry = (id: string, fields: Partial<Entry> = {}): Entry => ({
  id,
  port: 1,
  pid: 1,
  state: 'up',
  ...fields,
})
const view = (...entries: Entry[]) => new Map(entries.map((one) => [one.id, one]))
const diff = (previous: Map<string, Entry>, next: Map<string, Entry>) =>
  diffEntries(previous, next, () => 'exited')

describe('diffEntries', () => {
  it('finds nothing between equal views, whatever the objects', () => {
    expect(diff(view(entry('a')), view(entry('a')))).toEqual([])
  })
  it('tells removals before additions', () => {
    expect(diff(view(entry('a')), view(entry('b')))).toEqual([
      { type: 'removed', entry: entry('a'), reason: 'exited' },
      { type: 'added', entry: entry('b') },
    ])
  })
  it('tells an update with the new entry', () => {
    const next = entry('a', { state: 'unresponsive' })
    expect(diff(view(entry('a')), view(next))).toEqual([{ type: 'updated', entry: next }])
  })
  it('tells another run under the same id as a removal and an addition', () => {
    const [before, after] = [entry('a', { instance: '1' }), entry('a', { instance: '2' })]
    expect(diff(view(before), view(after))).toEqual([
      { type: 'removed', entry: before, reason: 'replaced' },
      { type: 'added', entry: after },
    ])
  })
})
