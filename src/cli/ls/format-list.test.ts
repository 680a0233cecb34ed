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

  it('tells servers of one name apart by their projects, and where those are the same by their ids', () => {
    const elsewhere: Entry = { ...a, id: 'server-2', scope: { directory: '/srv' } }
    const replica: Entry = { ...elsewhere, id: 'server-3' }
    expect(list([a, elsewhere]).filter((row) => row.startsWith('worker-a'))).toEqual([
      'worker-a  up     8080  77   17 min  token  ~/app/api (main)',
      'worker-a  up     8080  77   17 min  token  /srv',
    ])
    const rows = list([a, elsewhere, replica])
    expect(rows[1]).toMatch(/^worker-a {2}/)
    expect(rows[4]).toMatch(/^worker-a server-2 {2}/)
    expect(rows[5]).toMatch(/^worker-a server-3 {2}/)
    const scopeless = [entry, { ...entry, id: 'server-2' }].map((one) => ({ ...one, name: 'x' }))
    expect(list(scopeless).slice(1, 3)).toEqual([
      expect.stringMatching(/^x server-1 /),
      expect.stringMatching(/^x server-2 /),
    ])
  })

  it('gives up in a narrow terminal what ids begin with, then AUTH, then UP, and then the middle of where it is', () => {
    const replicas = ['k3x9q0', 'ex3fl1'].map((end) => ({ ...a, id: `server-1767462123456-${end}` }))
    const at = (columns: number) => list(replicas, undefined, { columns }).slice(0, 2)
    expect(at(0)).toEqual([
      'NAME                                  STATE  PORT  PID  UP      AUTH   WHERE',
      'worker-a server-1767462123456-k3x9q0  up     8080  77   17 min  token  ~/app/api (main)',
    ])
    expect(at(87)).toEqual(at(0))
    expect(at(86)).toEqual([
      'NAME              STATE  PORT  PID  UP      AUTH   WHERE',
      'worker-a …k3x9q0  up     8080  77   17 min  token  ~/app/api (main)',
    ])
    expect(at(60)).toEqual([
      'NAME              STATE  PORT  PID  UP      WHERE',
      'worker-a …k3x9q0  up     8080  77   17 min  ~/app/api (main)',
    ])
    expect(at(52)).toEqual([
      'NAME              STATE  PORT  PID  WHERE',
      'worker-a …k3x9q0  up     8080  77   ~/app/api (main)',
    ])
    expect(at(48)[1]).toBe('worker-a …k3x9q0  up     8080  77   ~/ap… (main)')
  })

  it('counts what signs take in a terminal', () => {
    const wide: Entry = { ...a, scope: { directory: '/home/me/日本語🚀', worktree: '/home/me' } }
    const at = (columns: number) => list([wide], undefined, { columns })[1]
    expect(at(46)).toBe('worker-a  up     8080  77   17 min  ~/日本語🚀')
    expect(at(45)).toBe('worker-a  up     8080  77   ~/日本語🚀')
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
    const [, row = ''] = list([{ ...a, scope }], undefined, { columns: 60 })
    expect(row.length).toBe(60)
    expect(row).toMatch(/~\/app\/deep.*….*deep\/end$/)
  })

  it('lets nothing that a server calls itself move the cursor', () => {
    const scope = { directory: '/a\x1b[2J', branch: '\u202egnp' }
    expect(list([{ ...a, scope }])[1]).toContain('/a\\x1b[2J (\\u202egnp)')
  })
})
