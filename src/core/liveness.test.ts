import { describe, expect, it } from 'vitest'
import type { Entry } from './entry.js'
import { hasExited, isForeignEntryDead } from './liveness.js'

const entry = (fields: Partial<Entry>): Entry => ({ id: 'a', port: 1, pid: 1, state: 'up', ...fields })

describe('hasExited', () => {
  it.each([
    ['its pid is gone', { machine: 'here', processStart: '1' }, { running: false }, true],
    ['its process runs', { machine: 'here', processStart: '1' }, { running: true, processStart: '1' }, false],
    [
      'another process has its pid',
      { machine: 'here', processStart: '1' },
      { running: true, processStart: '2' },
      true,
    ],
    ['the platform does not tell starts', { machine: 'here', processStart: '1' }, { running: true }, false],
    ['its writer did not tell its start', { machine: 'here' }, { running: true, processStart: '2' }, false],
    ['it names no machine and its pid is gone', {}, { running: false }, true],
    ['it is of another machine', { machine: 'there', processStart: '1' }, { running: false }, false],
  ])('when %s', (_when, fields, facts, expected) => {
    expect(hasExited(entry(fields), 'here', facts)).toBe(expected)
  })
})

describe('isForeignEntryDead', () => {
  it.each([
    [true, 'refused', false],
    [true, 'accepted', false],
    [false, 'accepted', false],
    [false, 'unknown', false],
    [false, 'refused', true],
  ] as const)('running %s and port %s: %s', (running, probe, expected) => {
    expect(isForeignEntryDead({ running }, probe)).toBe(expected)
  })
})
