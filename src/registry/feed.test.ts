import { describe, expect, it } from 'vitest'
import type { Entry, Revision, WatchEvent } from '../core/index.js'
import { createFeed } from './feed.js'

const entry = (id: string): Entry => ({ id, port: 1, pid: 1, state: 'up' })
const view = (...ids: string[]) => new Map(ids.map((id) => [id, entry(id)]))
const turn = () => new Promise<void>((resolve) => queueMicrotask(resolve))

it('tells a new watcher the view as it is by then, and no change that it already holds', async () => {
  const feed = createFeed()
  const events: WatchEvent[] = []
  feed.add((event) => events.push(event))
  feed.update(view('a'), () => 'exited')
  await turn()
  feed.update(view('a', 'b'), () => 'exited')
  expect(events).toMatchObject([
    { type: 'snapshot', revision: 1, entries: [{ id: 'a' }] },
    { type: 'change', revision: 2, changes: [{ type: 'added', entry: { id: 'b' } }] },
  ])
  expect(new Set(events.map(({ epoch }) => epoch)).size).toBe(1)
})

it('keeps the order for every watcher when one of them changes the registry from within its event', async () => {
  const feed = createFeed()
  const revisions: number[] = []
  feed.add((event) => {
    if (event.type === 'change' && event.revision === 1) feed.update(view('a', 'b'), () => 'exited')
  })
  feed.add(({ revision }) => revisions.push(revision))
  await turn()
  feed.update(view('a'), () => 'exited')
  expect(revisions).toEqual([0, 1, 2])
})

it('counts no revision when nothing changed, and tells nobody who has left', async () => {
  const feed = createFeed()
  const events: WatchEvent[] = []
  const undo = feed.add((event) => events.push(event))
  await turn()
  expect(feed.update(new Map(), () => 'exited')).toBe(false)
  undo()
  feed.update(view('a'), () => 'exited')
  expect(events).toHaveLength(1)
})

describe('a watcher that comes back', () => {
  /** A feed at revision 3, and what a watcher from there is told. */
  const resume = async (from: (epoch: string) => Revision) => {
    const feed = createFeed()
    let epoch = ''
    feed.add((event) => {
      epoch = event.epoch
    })
    await turn()
    for (const ids of ['a', 'ab', 'b']) feed.update(view(...ids), () => 'exited')
    const told: WatchEvent[] = []
    feed.add((event) => told.push(event), from(epoch))
    await turn()
    feed.update(view('b', 'c'), () => 'exited')
    return told.map(({ type, revision }) => `${type} ${revision}`)
  }

  it.each([
    ['is told what it missed', 1, ['change 2', 'change 3', 'change 4']],
    ['is told nothing twice', 3, ['change 4']],
    ['from the start is told all', 0, ['change 1', 'change 2', 'change 3', 'change 4']],
    ['from a revision that is yet to come gets a snapshot', 5, ['snapshot 3', 'change 4']],
    ['from one that never was gets a snapshot', -1, ['snapshot 3', 'change 4']],
    ['from one that is none gets a snapshot', Number.NaN, ['snapshot 3', 'change 4']],
    ['from half a revision gets a snapshot', 1.5, ['snapshot 3', 'change 4']],
  ])('%s', async (_what, revision, expected) => {
    expect(await resume((epoch) => ({ epoch, revision }))).toEqual(expected)
  })

  it('from another epoch gets a snapshot', async () => {
    expect(await resume(() => ({ epoch: 'other', revision: 1 }))).toEqual(['snapshot 3', 'change 4'])
  })

  it('after more changes than are remembered gets a snapshot', async () => {
    const feed = createFeed()
    let epoch = ''
    feed.add((event) => {
      epoch = event.epoch
    })
    await turn()
    const many = Array.from({ length: 4000 }, (_, position) => `s${position}`)
    feed.update(view(...many), () => 'exited')
    feed.update(view(), () => 'exited')
    const told: WatchEvent[] = []
    feed.add((event) => told.push(event), { epoch, revision: 0 })
    feed.add((event) => told.push(event), { epoch, revision: 1 })
    await turn()
    expect(told.map(({ type, revision }) => `${type} ${revision}`)).toEqual(['snapshot 2', 'change 2'])
  })

  it('and changes the registry from within what it missed keeps the order for all', async () => {
    const feed = createFeed()
    let epoch = ''
    const others: number[] = []
    feed.add((event) => {
      epoch = event.epoch
      others.push(event.revision)
    })
    await turn()
    feed.update(view('a'), () => 'exited')
    feed.update(view('a', 'b'), () => 'exited')
    const told: number[] = []
    feed.add(
      ({ revision }) => {
        told.push(revision)
        if (revision === 1) feed.update(view('b'), () => 'exited')
      },
      { epoch, revision: 0 },
    )
    await turn()
    expect(told).toEqual([1, 2, 3])
    expect(others).toEqual([0, 1, 2, 3])
  })
})
