import { expect, it } from 'vitest'
import { createGoal, type GoalOptions } from './goal.js'

function hear(options: GoalOptions, ...texts: string[]) {
  const goal = createGoal(options)
  for (const text of texts) goal.hear(() => text)
  return { isReached: goal.isReached, isOver: goal.isOver, missing: goal.describeMissing() }
}

it('is never over when nothing is waited for', () => {
  expect(createGoal({}).isSet).toBe(false)
  expect(hear({}, 'a', 'b')).toMatchObject({ isOver: false, missing: '' })
})

it('is reached by so many messages', () => {
  expect(hear({ count: 2 }, 'a')).toEqual({
    isReached: false,
    isOver: false,
    missing: ', with 1 of 2 messages received',
  })
  expect(hear({ count: 2 }, 'a', 'b')).toEqual({ isReached: true, isOver: true, missing: '' })
})

it('is reached by a message that matches, wherever in it that is', () => {
  const missing = ', with no message that matches /ready$/ among the 1 received'
  expect(hear({ expect: /ready$/ }, 'ready or not')).toEqual({ isReached: false, isOver: false, missing })
  expect(hear({ expect: /ready$/ }, 'not', 'all ready')).toEqual({
    isReached: true,
    isOver: true,
    missing: '',
  })
})

it('is over without being reached when so many messages have come and none matched', () => {
  expect(hear({ count: 2, expect: /b/ }, 'a')).toMatchObject({ isOver: false })
  expect(hear({ count: 2, expect: /b/ }, 'a', 'b')).toMatchObject({ isOver: true, isReached: true })
  expect(hear({ count: 2, expect: /b/ }, 'a', 'c')).toMatchObject({ isOver: true, isReached: false })
})

it('asks for the text of a message only where that decides', () => {
  const text = (): string => {
    throw new Error('it is not needed')
  }
  const counting = createGoal({ count: 2 })
  counting.hear(text)
  expect(counting.received).toBe(1)
  const matched = createGoal({ expect: /a/, count: 3 })
  matched.hear(() => 'a')
  matched.hear(text)
  expect(matched.received).toBe(2)
})
