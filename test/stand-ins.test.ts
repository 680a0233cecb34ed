/** What stands in for what differs from run to run, in the outputs that are kept. */
import { expect, it } from 'vitest'
import { createStandIns } from '../scripts/session/stand-ins.js'

const table = (name: string, pid: string, age: string, ago: string): string =>
  [
    `NAME  STATE   PORT   ${'PID'.padEnd(pid.length)}  ${'UP'.padEnd(Math.max(age.length, ago.length))}  WHERE`,
    `${name}     \x1b[32mup\x1b[39m      40123  ${pid}  ${age.padEnd(Math.max(age.length, ago.length))}  ~/shop`,
    `\x1b[2mb\x1b[22m     \x1b[31mexited\x1b[39m  \x1b[2m40124\x1b[22m  \x1b[2m${pid}\x1b[22m  \x1b[2m${ago}\x1b[22m${' '.repeat(Math.max(0, age.length - ago.length))}  \x1b[2m~\x1b[22m`,
  ].join('\n')

it('keeps a table lined up, however many digits its pids and ages have', () => {
  const short = createStandIns()(table('a', '101', '1 s', '9 s ago'))
  expect(createStandIns()(table('a', '4194303', '12 min', '10 s ago'))).toBe(short)
  expect(short.split('\n').slice(0, 2)).toEqual([
    'NAME  STATE   PORT   PID    UP       WHERE',
    'a     \x1b[32mup\x1b[39m      41873  48211  8 s      ~/shop',
  ])
})

it('gives the same value for the same, in one text after the other', () => {
  const fix = createStandIns({ '/tmp/x1y2': '/home/me' })
  expect(fix('process 7 at port 50000, process 8 at port 50001, in /tmp/x1y2/shop')).toBe(
    'process 48211 at port 41873, process 48218 at port 49792, in /home/me/shop',
  )
  expect(fix('\x1b[2mProcess 8\x1b[22m')).toBe('\x1b[2mProcess 48218\x1b[22m')
  expect(fix('ws://127.0.0.1:50001/')).toBe('ws://127.0.0.1:49792/')
})

it('leaves what it has made itself as it is', () => {
  const fixed = createStandIns()(
    `${table('a', '101', '1 s', '9 s ago')}\nserver-1735946123456-abc123 2026-11-26T04:17:00.316Z`,
  )
  expect(createStandIns()(fixed)).toBe(fixed)
})
