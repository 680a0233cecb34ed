import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Entry, RemovedEntry } from '../../registry/index.js'
import { formatList, type ListContext } from './format-list.js'

const context: ListContext = {
  home: '/home/me/.shipyard',
  userHome: '/home/me',
  now: new Date('2026-01-03T18:00:00Z'),
  project: '/home/me/app',
  columns: undefined,
}
const app = { directory: '/home/me/app/api', worktree: '/home/me/app', branch: 'main' }
const entry: Entry = { id: 'server-1', port: 8080, pid: 77, state: 'up' }
const a: Entry = { ...entry, name: 'worker-a', startedAt: '2026-01-03T17:42:03Z', auth: 'token', scope: app }

function list(
  entries: readonly Entry[],
  removed?: readonly RemovedEntry[],
  changed: Partial<ListContext> = {},
): string[] {
  return stripVTControlCharacters(formatList(entries, removed, { ...context, ...changed })).split('\n')
}

describe('wsyard ls', () => {
  it('lines up a row for each server, those of the project apart from all others', () => {
    const silent: Entry = { ...entry, id: 'b', state: 'unresponsive', scope: { directory: '/srv' } }
    expect(list([a, silent, { ...entry, state: 'orphaned', port: 9 }])).toEqual([
      'NAME      STATE         PORT  PID  UP      AUTH   WHERE',
      'worker-a  up            8080  77   17 min  token  ~/app/api (main)',
      '',
      'elsewhere',
      'b         unresponsive  8080  77   -       -      /srv',
      'server-1  orphaned      9     77   -       -      -',
      '',
    ])
  })

  it('has nothing apart where none is of the project', () => {
    expect(list([entry])).toEqual([
      'NAME      STATE  PORT  PID  UP  AUTH  WHERE',
      'server-1  up     8080  77   -   -     -',
      '',
    ])
  })

  it('tells servers of one name apart by their ids', () => {
    const rows = list([a, { ...a, id: 'server-2', scope: { directory: '/srv' } }])
    expect(rows[1]).toMatch(/^worker-a server-1 {2}/)
    expect(rows[4]).toMatch(/^worker-a server-2 {2}/)
  })

  it('says what to do when there is none', () => {
    const rows = list([])
    expect(rows[0]).toBe('No servers are registered in ~/.shipyard.')
    expect(rows.join('\n')).toMatch(/createServer\(\).*\n.*wsyard run -- .*\n.*wsyard register --port/)
  })

  it('shows what has left and why, with how long that is ago', () => {
    const removed: RemovedEntry[] = [
      { entry: { ...a, pid: 78 }, reason: 'exited', removedAt: '2026-01-03T17:59:48Z' },
      { entry, reason: 'exited', removedAt: undefined },
    ]
    expect(list([a], removed).slice(2)).toEqual([
      '',
      'left lately',
      'worker-a  exited  8080  78   12 s ago  token  ~/app/api (main)',
      'server-1  exited  8080  77   -         -      -',
      '',
    ])
    expect(list([], removed)).toContain('left lately')
    expect(list([a], []).slice(-3)).toEqual(['', 'Nothing has left lately.', ''])
  })

  it('fits into a terminal by what it leaves out in the middle of a path', () => {
    const scope = { directory: `/home/me/app/${'deep/'.repeat(20)}end` }
    const [, row = ''] = list([{ ...a, scope }], undefined, { columns: 70 })
    expect(row.length).toBe(70)
    expect(row).toMatch(/~\/app\/deep.*….*deep\/end$/)
  })

  it('lets nothing that a server calls itself move the cursor', () => {
    const scope = { directory: '/a\x1b[2J', branch: '\u202egnp' }
    expect(list([{ ...a, scope }])[1]).toContain('/a\\x1b[2J (\\u202egnp)')
  })
})
