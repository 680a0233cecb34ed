import { describe, expect, it } from 'vitest'
import { addressOf, arranged, type ServerFilter, type SortKey } from './server-order.js'
import type { ShownServer } from './shown-servers.js'

const server = (id: string, fields: Partial<ShownServer> = {}): ShownServer => ({
  id,
  port: 1000,
  pid: 1,
  state: 'up',
  instance: 'i',
  startedAt: '2026-01-01T00:00:00.000Z',
  connection: 'connected',
  ...fields,
})

const everyone: ServerFilter = { text: '', state: 'any' }
const nothing = { flows: new Map(), roundTrips: new Map() }

const ids = (
  servers: ShownServer[],
  { filter = everyone, key = 'name' as SortKey, isDescending = false, measures = nothing } = {},
) => arranged(servers, filter, { key, isDescending }, measures).map(({ id }) => id)

describe('the filter of servers', () => {
  const tree = server('tree', {
    state: 'orphaned',
    scope: { directory: '/home/me/app/api', worktree: '/home/me/app', branch: 'feature/login' },
  })
  it.each([
    ['login', 'any', ['tree']],
    ['/app/api', 'any', ['tree']],
    ['worktree', 'any', []],
    ['state:orphaned', 'any', ['tree']],
    ['branch:login', 'any', ['tree']],
    ['Branch:release', 'any', ['plain']],
    ['worktree:app', 'any', ['tree']],
    ['worktree:api', 'any', []],
    ['directory:/app/api', 'any', ['tree']],
    ['', 'orphaned', ['tree']],
    ['', 'connected', ['plain', 'tree']],
  ] as const)('lets through for the words "%s" and the state %s', (text, state, expected) => {
    expect(
      ids([server('plain', { meta: { branch: 'release' } }), tree], { filter: { text, state } }),
    ).toEqual(expected)
  })
})

describe('the order of servers', () => {
  it('is by the value asked for, and by name where that is the same', () => {
    const servers = [server('c', { port: 2 }), server('b', { port: 1 }), server('a', { port: 2 })]
    expect(ids(servers, { key: 'port' })).toEqual(['b', 'a', 'c'])
    expect(ids(servers, { key: 'port', isDescending: true })).toEqual(['a', 'c', 'b'])
  })

  it('is by name as people count, then by start, so that one that is restarted keeps its place', () => {
    const servers = [
      server('later', { name: 'worker-2', startedAt: '2026-01-01T00:00:01Z' }),
      server('tenth', { name: 'worker-10' }),
      server('first', { name: 'Worker-1' }),
      server('earlier', { name: 'worker-2', startedAt: '2026-01-01T01:00:00.500+01:00' }),
      server('nameless'),
    ]
    expect(ids(servers)).toEqual(['nameless', 'first', 'earlier', 'later', 'tenth'])
    expect(ids(servers, { key: 'port' })).toEqual(ids(servers))
  })

  it('has trouble first by state, and those without a round trip last', () => {
    const servers = [
      server('fine'),
      server('silent', { connection: 'unresponsive' }),
      server('off', { connection: 'disconnected' }),
    ]
    expect(ids(servers, { key: 'state' })).toEqual(['silent', 'off', 'fine'])
    const roundTrips = new Map([
      ['fine', [3, 9]],
      ['off', [9, 3]],
    ])
    expect(ids(servers, { key: 'roundTrip', measures: { ...nothing, roundTrips } })).toEqual([
      'off',
      'fine',
      'silent',
    ])
  })
})

describe('the filter', () => {
  const servers = [
    server('one', { name: 'Alpha', meta: { role: 'agent', Team: { lead: 'Ada' } } }),
    server('two', { auth: 'token', host: '::1', path: '/ws' }),
    server('three', { connection: 'disconnected' }),
  ]
  it.each([
    ['alpha', ['one']],
    ['ROLE:AGENT', ['one']],
    ['team:ada', ['one']],
    ['auth:token', ['two']],
    ['1000 t', ['one', 'three', 'two']],
    ['port:1000 id:t', ['three', 'two']],
    ['nobody', []],
    ['a:', []],
  ])('finds by "%s"', (text, found) => {
    expect(ids(servers, { filter: { ...everyone, text }, key: 'id' })).toEqual(found)
  })

  it('finds by state', () => {
    expect(ids(servers, { filter: { text: '', state: 'disconnected' } })).toEqual(['three'])
    const silent = server('four', { connection: 'unresponsive' })
    const dialed = server('five', { connection: 'connecting' })
    expect(
      ids([...servers, silent, dialed], { filter: { text: '', state: 'not connected' }, key: 'id' }),
    ).toEqual(['four', 'three'])
  })
})

it('writes an address as a URL has it', () => {
  expect([addressOf(server('a')), addressOf(server('b', { host: '::1', path: '/ws' }))]).toEqual([
    'localhost:1000',
    '[::1]:1000/ws',
  ])
})
