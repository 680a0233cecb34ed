import { describe, expect, it } from 'vitest'
import type { Entry } from './entry.js'
import { applyEvent, type Change, diffEntries, type RemovalReason } from './events.js'

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

describe('applyEvent', () => {
  const apply = (before: Map<string, Entry>, event: Parameters<typeof applyEvent<Entry>>[1]) => {
    const told: Change<Entry, RemovalReason | undefined>[] = []
    applyEvent(before, event, (change) => {
      expect(before.has(change.entry.id)).toBe(change.type !== 'removed')
      told.push(change)
    })
    return told
  }

  it('folds changes one after the other', () => {
    const [a, a2, b] = [entry('a', { instance: '1' }), entry('a', { instance: '2' }), entry('b')]
    const changes: Change[] = [
      { type: 'removed', entry: a, reason: 'replaced' },
      { type: 'added', entry: a2 },
      { type: 'added', entry: b },
    ]
    const folded = view(a)
    expect(apply(folded, { type: 'change', changes })).toEqual(changes)
    expect(folded).toEqual(view(a2, b))
  })
  it('tells what a snapshot changes, and does not make up why an entry has gone', () => {
    const [a, b, c] = [entry('a'), entry('b'), entry('c')]
    const later = entry('b', { state: 'unresponsive' })
    const folded = view(a, b)
    expect(apply(folded, { type: 'snapshot', entries: [later, c] })).toEqual([
      { type: 'removed', entry: a, reason: undefined },
      { type: 'updated', entry: later },
      { type: 'added', entry: c },
    ])
    expect(folded).toEqual(view(later, c))
  })
  it('tells of another run in a snapshot as of one that came in its place', () => {
    const [before, after] = [entry('a', { instance: '1' }), entry('a', { instance: '2' })]
    expect(apply(view(before), { type: 'snapshot', entries: [after] })).toEqual([
      { type: 'removed', entry: before, reason: 'replaced' },
      { type: 'added', entry: after },
    ])
  })
})
