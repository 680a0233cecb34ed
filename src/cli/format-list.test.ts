import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import type { Entry } from '../registry/index.js'
import { formatList } from './format-list.js'

const context = { home: '/home/me/.shipyard', now: new Date('2026-01-03T18:00:00Z') }
const entry: Entry = { id: 'server-1', port: 8080, pid: 77, state: 'up' }

it('lines up a row for each server', () => {
  const entries = [{ ...entry, name: 'worker-a', startedAt: '2026-01-03T17:42:03Z' }, entry]
  expect(stripVTControlCharacters(formatList(entries, context))).toBe(
    [
      'ID        NAME      PORT  PID  STATE  UP SINCE',
      'server-1  worker-a  8080  77   up     17 min ago',
      'server-1  -         8080  77   up     -',
      '',
    ].join('\n'),
  )
})

it('names the place when there is nothing in it', () => {
  expect(formatList([], context)).toBe(
    'No servers are registered in /home/me/.shipyard.\nOne joins with createServer() from wsyard/server.\n',
  )
})
