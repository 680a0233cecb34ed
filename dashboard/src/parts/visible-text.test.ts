import { expect, it } from 'vitest'
import { visibleLine, visibleText } from './visible-text.js'

it('writes out what a reader would not see, or what would turn the line around', () => {
  expect(visibleText('a\u202eb\u200bc\u0000d\u0085e')).toBe('a\\u{202e}b\\u{200b}c\\u{0}d\\u{85}e')
})

it('leaves every other text as it is, in any script', () => {
  const text = 'añ汉字عربי😀\n\tend'
  expect(visibleText(text)).toBe(text)
})

it('has one line of the start of a long text', () => {
  expect(visibleLine('a\nb\tc', 300)).toBe('a↵b c')
  expect(visibleLine('x'.repeat(1e6), 10)).toBe(`${'x'.repeat(10)}…`)
})
