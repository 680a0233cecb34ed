import { expect, it } from 'vitest'
import { cellsOf, paddingOf, shortenCells } from './cells.js'

it.each([
  ['', 0],
  ['~/app (main)', 12],
  ['naïve', 5],
  ['nai\u0308ve', 5],
  ['Ω→“©”…', 6],
  ['日本語', 6],
  ['한국어', 6],
  ['한국', 4],
  ['ｆｕｌｌ', 8],
  ['ﾊﾝｶｸ', 4],
  ['漢𠀋', 4],
  ['🚀🚀', 4],
  ['👩‍👧', 2],
  ['👍🏽', 2],
  ['🇩🇪', 2],
  ['❤️', 2],
  ['❤', 1],
  ['हिन्दी', 5],
  ['ไทย', 3],
  ['a\u200bb', 2],
])('%s takes %d cells', (text, cells) => {
  expect(cellsOf(text)).toBe(cells)
})

it.each([
  ['日本', 6, '  '],
  ['api', 2, ''],
])('%s is padded to %d cells', (text, cells, padding) => {
  expect(paddingOf(text, cells)).toBe(padding)
})

it.each([
  ['short', 5, 'short'],
  ['0123456789', 6, '01…789'],
  ['日本語の道', 6, '日…道'],
  ['日本語の道', 7, '日…の道'],
  ['🚀👩‍👧🚀👩‍👧🚀', 7, '🚀…👩‍👧🚀'],
])('%s is made to fit into %d cells', (text, cells, shown) => {
  expect(shortenCells(text, cells)).toBe(shown)
  expect(cellsOf(shown)).toBeLessThanOrEqual(cells)
})
