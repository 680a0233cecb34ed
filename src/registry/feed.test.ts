import { expect, it } from 'vitest'
import type { Entry } from '../core/index.js'
import { createFeed } from './feed.js'
import type { WatchEvent } from './registry.js'

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
