import { expect, it } from 'vitest'
import { createDialQueue, doubtful } from './dial-queue.js'

/** A queue, and the names of what it has started, in order. */
function queueOf(places: number) {
  const queue = createDialQueue(places)
  const started: string[] = []
  return { started, add: (name: string, doubt = 0) => queue(doubt, () => started.push(name)) }
}

it('starts as many as there are places, and the next when one is given back', () => {
  const { started, add } = queueOf(2)
  const giveBack = add('a')
  add('b')
  add('c')
  add('d')
  expect(started).toEqual(['a', 'b'])
  giveBack()
  giveBack()
  expect(started).toEqual(['a', 'b', 'c'])
})

it('starts those of least doubt first, and those of the same in their order', () => {
  const { started, add } = queueOf(1)
  const giveBack = add('a')
  add('foreign', 1)
  const next = add('b')
  const last = add('c')
  for (const give of [giveBack, next, last]) give()
  expect(started).toEqual(['a', 'b', 'c', 'foreign'])
})

it('keeps half of the places from the doubtful', () => {
  const { started, add } = queueOf(4)
  for (const name of ['x', 'y', 'z']) add(name, doubtful)
  expect(started).toEqual(['x', 'y'])
  for (const name of ['a', 'b', 'c']) add(name)
  expect(started).toEqual(['x', 'y', 'a', 'b'])
})

it('lets the doubtful in one by one where there is a single place', () => {
  const { started, add } = queueOf(1)
  const giveBack = add('x', doubtful)
  add('y', doubtful)
  expect(started).toEqual(['x'])
  giveBack()
  expect(started).toEqual(['x', 'y'])
})

it('forgets what is taken out before it has started', () => {
  const { started, add } = queueOf(1)
  const giveBack = add('a')
  const takeOut = add('b')
  add('c')
  takeOut()
  giveBack()
  expect(started).toEqual(['a', 'c'])
})
