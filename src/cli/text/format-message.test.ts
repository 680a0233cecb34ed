import { describe, expect, it } from 'vitest'
import { formatBytes, harmless, harmlessLine } from './format-message.js'

describe('formatBytes', () => {
  it('shows offset, bytes and characters, sixteen a line', () => {
    expect(formatBytes(Uint8Array.from({ length: 18 }, (_, byte) => byte + 0x6e))).toBe(
      [
        '00000000  6e 6f 70 71 72 73 74 75 76 77 78 79 7a 7b 7c 7d  |nopqrstuvwxyz{|}|',
        `00000010  7e 7f${' '.repeat(42)}  |~.|`,
      ].join('\n'),
    )
  })
  it('shows nothing as its offset', () => {
    expect(formatBytes(new Uint8Array())).toBe('00000000')
  })
})

describe('formatBytes of what is too long for a screen', () => {
  it.each([
    [64, 63, ''],
    [64, 64, ''],
    [64, 65, '\n… and 1 byte more'],
    [64, 1063, '\n… and 999 bytes more'],
    [64, 2064, '\n… and 2 kB more'],
    [65_536, 59_065_536, '\n… and 59 MB more'],
  ])('shows the first %i of %i', (maxBytes, length, rest) => {
    const bytes = new Uint8Array(length)
    const start = formatBytes(bytes.subarray(0, maxBytes))
    expect(formatBytes(bytes, maxBytes)).toBe(`${start}${rest}`)
  })
})

describe('harmless', () => {
  it.each([
    ['plain, ünïcödé, 👩‍👧 and\ttabs\nas they are', 'plain, ünïcödé, 👩‍👧 and\ttabs\nas they are'],
    ['a title \x1b]0;gone\x07', 'a title \\x1b]0;gone\\x07'],
    ['overwritten\rme', 'overwritten\\x0dme'],
    ['\x00\x7f\x9b2J', '\\x00\\x7f\\x9b2J'],
    ['\u202egnp.exe\u2066', '\\u202egnp.exe\\u2066'],
  ])('shows %j as %j', (text, shown) => {
    expect(harmless(text)).toBe(shown)
  })
  it('keeps a line one', () => {
    expect(harmlessLine('two\nlines\x1b')).toBe('two lines\\x1b')
  })
})
