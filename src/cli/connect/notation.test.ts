import { describe, expect, it } from 'vitest'
import { readBytes, showMessage } from './notation.js'

describe('readBytes', () => {
  it.each([
    ['hex', '00fF', '\x00\xff'],
    ['hex', ' 68 69\n', 'hi'],
    ['hex', '', ''],
    ['base64', 'aGk=', 'hi'],
    ['base64', 'aGk', 'hi'],
    ['base64', 'AA==', '\x00'],
    ['base64', '-_-_', '\xfb\xff\xbf'],
    ['base64', 'YWJj\nZGVm\n', 'abcdef'],
  ] as const)('reads, as %s, %j', (notation, text, bytes) => {
    expect(readBytes(text, notation)?.toString('latin1')).toBe(bytes)
  })
  it.each([
    ['hex', '0'],
    ['hex', '0g'],
    ['hex', '0x00'],
    ['base64', 'a'],
    ['base64', 'aGk=='],
    ['base64', 'a===='],
    ['base64', 'aG=k'],
    ['base64', 'a*k='],
  ] as const)('takes no %s from %j', (notation, text) => {
    expect(readBytes(text, notation)).toBeUndefined()
  })
})

it('shows bytes in the notation that is asked for, or as a dump, and texts as they are', () => {
  const bytes = Buffer.from('hi')
  expect(showMessage(bytes, 'hex')).toBe('6869')
  expect(showMessage(bytes, 'base64')).toBe('aGk=')
  expect(showMessage(bytes, undefined)).toMatch(/^00000000 {2}68 69 .*\|hi\|$/)
  expect(showMessage('hi', 'hex')).toBe('hi')
})
