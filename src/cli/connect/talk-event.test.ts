import { expect, it } from 'vitest'
import { createTextFormat, formatAsJson } from './talk-event.js'

const nasty = 'a\x1b[2J\x9b\u202e\x7f\n'

it('prints messages alone, as they are in a pipe and harmless in a terminal', () => {
  expect(createTextFormat(undefined, false)({ type: 'message', message: nasty })).toBe(nasty)
  expect(createTextFormat(undefined, true)({ type: 'message', message: nasty })).toBe(
    'a\\x1b[2J\\x9b\\u202e\\x7f\n',
  )
  expect(createTextFormat('hex', true)({ type: 'message', message: Buffer.from('hi') })).toBe('6869')
  expect(createTextFormat(undefined, false)({ type: 'lost', reason: 'was lost' })).toBeUndefined()
})

it('shows of a long binary message the first part in a terminal, and all of it elsewhere', () => {
  const message = Buffer.alloc(65_536 + 16)
  const lines = (text: string | undefined): string[] => String(text).split('\n')
  const shown = lines(createTextFormat(undefined, true)({ type: 'message', message }))
  expect([shown.length, shown.at(-1)]).toEqual([4097, '… and 16 bytes more'])
  expect(lines(createTextFormat(undefined, false)({ type: 'message', message }))).toHaveLength(4097)
  expect(createTextFormat('hex', true)({ type: 'message', message })).toBe('00'.repeat(message.length))
})

it('prints every event as JSON, which says the same and moves no cursor', () => {
  const line = formatAsJson({ type: 'message', message: nasty })
  expect(line).toBe('{"type":"message","data":"a\\u001b[2J\\u009b\\u202e\\u007f\\n"}')
  expect(JSON.parse(String(line)).data).toBe(nasty)
  expect(formatAsJson({ type: 'message', message: Buffer.from('hi') })).toBe(
    '{"type":"message","base64":"aGk="}',
  )
  expect(formatAsJson({ type: 'close', code: 1000, reason: '' })).toBe(
    '{"type":"close","code":1000,"reason":""}',
  )
})
