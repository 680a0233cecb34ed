import { expect, it } from 'vitest'
import { createMembers } from './members.js'

const endpoints = ['a', 'b', 'c']

it.each([
  [0, 'a'],
  [0.5, 'b'],
  [0.999, 'c'],
])('by the chance of %f it begins with %s', (chance, first) => {
  expect(createMembers(endpoints, chance).current()).toBe(first)
})

it('goes on to the next one, and from the last to the first', () => {
  const members = createMembers(endpoints, 0)
  const seen = endpoints.map(() => {
    const one = members.current()
    members.leave(one)
    return one
  })
  expect(seen).toEqual(endpoints)
  expect(members.current()).toBe('a')
})

it('is left once by many that failed at the same one', () => {
  const members = createMembers(endpoints, 0)
  for (const one of ['a', 'a', 'c']) members.leave(one)
  expect(members.current()).toBe('b')
})

it('stays with the only one', () => {
  const members = createMembers(['a'])
  members.leave('a')
  expect(members.current()).toBe('a')
})
