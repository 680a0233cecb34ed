import { describe, expect, it } from 'vitest'
import type { Entry } from '../core/index.js'
import { hasExited, hasForeignExited } from './liveness-rules.js'

const entry = (fields: Partial<Entry>): Entry => ({ id: 'a', port: 1, pid: 1, state: 'up', ...fields })

const here = { machine: 'host.space', boot: 'today' }
const machine = here.machine
const running = (processStart?: string) => ({ running: true, processStart })
const exited = { running: false }

describe('hasExited', () => {
  it.each([
    ['its pid is gone', { machine, processStart: 'today:1' }, exited, true],
    ['its process runs', { machine, processStart: 'today:1' }, running('today:1'), false],
    ['it is stopped', { machine, processStart: 'today:1' }, { ...running('today:1'), stopped: true }, false],
    ['another process has its pid', { machine, processStart: 'today:1' }, running('today:2'), true],
    ['its pid is taken again since a boot', { machine, processStart: 'monday:1' }, running('today:1'), true],
    ['the platform does not tell starts', { machine, processStart: 'today:1' }, running(), false],
    ['its writer did not tell its start', { machine }, running('today:2'), false],
    ['it names no machine and its pid is gone', {}, exited, true],
    ['it is of another host', { machine: 'other.space', processStart: 'today:1' }, exited, false],
    [
      'it is of another host since a boot',
      { machine: 'other.space', processStart: 'monday:1' },
      exited,
      false,
    ],
    ['it is of another namespace', { machine: 'host.container', processStart: 'today:1' }, exited, false],
    [
      'its namespace ended with a boot',
      { machine: 'host.container', processStart: 'monday:1' },
      running('today:1'),
      true,
    ],
    ['another namespace told no start', { machine: 'host.container' }, exited, false],
    ['its machine is in a form of somebody else', { machine: 'x', processStart: 'monday:1' }, exited, false],
  ])('when %s', (_when, fields, facts, expected) => {
    expect(hasExited(entry(fields), here, () => facts)).toBe(expected)
  })

  it('asks nothing of the system for an entry of another namespace', () => {
    const ask = () => expect.unreachable()
    expect(hasExited(entry({ machine: 'host.container' }), here, ask)).toBe(false)
  })
})

describe('hasForeignExited', () => {
  it.each([
    [true, 'refused', false],
    [true, 'accepted', false],
    [false, 'accepted', false],
    [false, 'unknown', false],
    [false, 'refused', true],
  ] as const)('running %s and port %s: %s', (running, probe, expected) => {
    expect(hasForeignExited({ running }, probe)).toBe(expected)
  })
})
