import { describe, expect, it } from 'vitest'
import { createPushReader, type PushMessage } from './push.js'

const at = (revision: number, epoch = 'e') => ({ epoch, revision })
const entry = (id: string) => ({ id, port: 1, pid: 1, state: 'up' as const })
const part = (revision: number, ...ids: string[]): PushMessage => ({
  type: 'part',
  ...at(revision),
  entries: ids.map(entry),
})
const snapshot = (revision: number, ...ids: string[]): PushMessage => ({
  type: 'snapshot',
  ...at(revision),
  entries: ids.map(entry),
})
const change = (revision: number, epoch?: string): PushMessage => ({
  type: 'change',
  ...at(revision, epoch),
  changes: [],
})
const bookmark = (revision: number, epoch?: string): PushMessage => ({
  type: 'bookmark',
  ...at(revision, epoch),
})
const problem: PushMessage = { type: 'problem', error: null }

describe('who reads the push', () => {
  it('has each snapshot and change as they come', () => {
    const read = createPushReader()
    const messages = [snapshot(4, 'a'), change(5), change(6), snapshot(9), change(10)]
    expect(messages.map(read)).toEqual(messages)
  })

  it('has a snapshot when its last part has come, with the entries of all', () => {
    const read = createPushReader()
    expect([part(4, 'a', 'b'), problem, part(4, 'c')].map(read)).toEqual([undefined, undefined, undefined])
    expect(read(snapshot(4, 'd'))).toEqual(snapshot(4, 'a', 'b', 'c', 'd'))
    expect(read(change(5))).toEqual(change(5))
    expect(read(snapshot(7, 'd'))).toEqual(snapshot(7, 'd'))
  })

  it('goes on where it was asked to', () => {
    expect(createPushReader(at(4))(change(5))).toEqual(change(5))
    expect(createPushReader(at(4))(bookmark(4))).toBeUndefined()
  })

  it.each([
    ['a change is left out', [snapshot(4), change(6)]],
    ['a change comes twice', [snapshot(4), change(5), change(5)]],
    ['a change is of another epoch', [snapshot(4), change(5, 'f')]],
    ['a change comes before the list', [change(1)]],
    ['a change comes in the middle of the list', [part(4), change(5)]],
    ['a bookmark is ahead', [snapshot(4), bookmark(5)]],
    ['a bookmark is of another epoch', [snapshot(4), bookmark(4, 'f')]],
  ])('is told of a gap where %s', (_what, messages) => {
    expect(messages.map(createPushReader()).at(-1)).toBe('gap')
  })

  it.each([{ type: 'bookmark' }, { type: 'news', ...at(9) }, {}])('passes over %j', (message) => {
    const read = createPushReader()
    read(snapshot(4))
    expect(read(message as PushMessage)).toBeUndefined()
    expect(read(change(5))).toEqual(change(5))
  })
})
