import { describe, expect, it } from 'vitest'
import type { SnapshotServer } from '../core/index.js'
import { waysTo } from './server-url.js'

const server = (fields: Partial<SnapshotServer>): SnapshotServer => ({
  id: 'a',
  port: 8080,
  pid: 1,
  state: 'up',
  ...fields,
})
const here = {
  url: 'http://localhost:5173/api/registry',
  token: undefined,
  isHubHere: true,
  isHubAway: false,
  transport: 'auto',
} as const
const relayed = { url: 'ws://localhost:5173/api/registry/a', protocols: [], transport: 'relay' }

describe('an open server of this machine', () => {
  it.each([
    [{}, 'ws://localhost:8080/'],
    [{ host: '127.0.0.1' }, 'ws://127.0.0.1:8080/'],
    [{ host: '::1' }, 'ws://[::1]:8080/'],
    [{ host: '0.0.0.0' }, 'ws://localhost:8080/'],
    [{ host: '::' }, 'ws://localhost:8080/'],
    [{ path: '/room?x=1' }, 'ws://localhost:8080/room?x=1'],
  ])('%j is dialled at %s, and through the hub if that fails', (fields, url) => {
    expect(waysTo(server(fields), here)).toEqual([{ url, protocols: [], transport: 'direct' }, relayed])
  })
})

describe('through the hub alone goes', () => {
  it.each([
    ['a server that asks for a token', { auth: 'token' as const }],
    ['a server on another machine', { host: '10.0.0.7' }],
    ['a server with a name that only looks like this machine', { host: 'localhost.evil.test' }],
  ])('%s', (_what, fields) => {
    expect(waysTo(server(fields), here)).toEqual([relayed])
  })

  it('every server, when the page is of another machine', () => {
    expect(
      waysTo(server({}), { ...here, url: 'https://box.example:8443/api/registry', isHubHere: false }),
    ).toEqual([{ ...relayed, url: 'wss://box.example:8443/api/registry/a' }])
  })

  it('the token of the hub, beside a subprotocol that can be answered with', () => {
    expect(waysTo(server({ auth: 'token' }), { ...here, token: 'x'.repeat(43) })).toEqual([
      { ...relayed, protocols: ['wsyard.v1', `wsyard.bearer.${'x'.repeat(43)}`] },
    ])
  })
})

describe('while nothing answers in the hub’s place', () => {
  it('an open server of this machine is dialled at its port, and no other at all', () => {
    const away = { ...here, isHubAway: true }
    expect(waysTo(server({}), away)).toEqual([
      { url: 'ws://localhost:8080/', protocols: [], transport: 'direct' },
    ])
    expect(waysTo(server({ auth: 'token' }), away)).toEqual([])
  })
})

describe('what is asked of a server', () => {
  it.each([
    ['', '/ws?v=2'],
    ['?x=1', '/ws?v=2&x=1'],
    ['/room', '/room'],
  ])(
    'by "%s" is %s, straight; the hub works out the same from what stands behind the name',
    (path, asked) => {
      const [direct, relayed] = waysTo(server({ path: '/ws?v=2' }), here, path)
      expect(direct?.url).toBe(`ws://localhost:8080${asked}`)
      expect(relayed?.url).toBe(`ws://localhost:5173/api/registry/a${path}`)
    },
  )
})

describe('a transport that was chosen', () => {
  it('is the only one', () => {
    expect(waysTo(server({}), { ...here, transport: 'relay' })).toEqual([relayed])
    const direct = waysTo(server({ auth: 'token' }), { ...here, transport: 'direct' })
    expect(direct).toEqual([{ url: 'ws://localhost:8080/', protocols: [], transport: 'direct' }])
  })
})
