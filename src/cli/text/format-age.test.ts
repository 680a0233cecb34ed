import { expect, it } from 'vitest'
import { formatAge } from './format-age.js'

it.each([
  [-5, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_599_000, '59 min'],
  [3_600_000, '1 h'],
  [12_000_000, '3 h 20 min'],
  [40_000_000, '11 h'],
  [86_400_000 * 3.9, '3 d'],
])('%d milliseconds are %s', (ms, shown) => {
  expect(formatAge(ms)).toBe(shown)
})
