/**
 * Local servers that were open to web sites, one test for each: what happened there, in a few words, and that it does not
 * here. The guard's whole table is in `guard-matrix.test.ts`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer as createNetServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { openRegistry } from '../../src/registry/index.js'
import { createServer } from '../../src/server/index.js'
import { type GuardedPlace, startPlaces } from '../support/guarded-places.js'
import { startHub } from '../support/hub.js'
import { createTestHome } from '../support/processes.js'
import { handshakeHeaders, rawRequest } from '../support/raw-request.js'

let places: readonly GuardedPlace[] = []
let close: () => Promise<void> = async () => {}
beforeAll(async () => {
  const started = await startPlaces({ origins: ['https://app.example'], hosts: ['box.example'] })
  places = started.places
  close = started.close
})
afterAll(() => close())

type Headers = readonly (readonly [string, string])[]

const placeOf = (name: string): GuardedPlace => {
  const place = places.find((one) => one.name === name)
  if (place === undefined) throw new Error(`no place "${name}"`)
  return place
}
const get = ({ port }: GuardedPlace, path: string, headers: Headers) => rawRequest({ port, path, headers })
const upgrade = (place: GuardedPlace, path: string, headers: Headers) =>
  get(place, path, [...headers, ...handshakeHeaders])
const local = ['Host', 'localhost'] as const
const site = ['Origin', 'https://evil.test'] as const

describe.each(['vite dev', 'vite preview'])('in %s, as in CVE-2025-24010', (name) => {
  // Vite's dev server answered every Origin's fetch with permission to read, and took WebSockets of any page.
  it('lets no other site read the registry, or open push or relay', async () => {
    const place = placeOf(name)
    const snapshot = await get(place, '/api/registry', [local, site])
    expect(snapshot).toMatchObject({ status: 403, code: 'ORIGIN_NOT_ALLOWED' })
    expect(snapshot.head).not.toMatch(/access-control-allow-origin: (\*|https:\/\/evil)/i)
    for (const path of ['/api/registry', '/api/registry/open-server', '/api/registry/token-server'])
      expect(await upgrade(place, path, [local, site])).toMatchObject({
        status: 403,
        code: 'ORIGIN_NOT_ALLOWED',
      })
  })
})

describe('as in CVE-2025-52882', () => {
  // An editor's extension listened for WebSockets on localhost and asked nobody who they were: any page could command it.
  it('lets nobody speak with a server who has not its token, whatever the page', async () => {
    const place = placeOf('createServer')
    for (const origin of [[], [site], [['Origin', 'http://localhost:5173']]] as Headers[]) {
      const { status } = await upgrade(place, '/', [local, ...origin])
      expect([401, 403]).toContain(status)
    }
  })
})

describe('as in CVE-2025-49596', () => {
  // A debugging proxy on a fixed local port started programs for whoever asked, with no token and no look at the Origin.
  it('has a hub on a known port do nothing for those without its token', async () => {
    const place = placeOf('wsyard hub')
    expect(await get(place, '/api/registry', [local])).toMatchObject({ status: 401, code: 'TOKEN_NEEDED' })
    for (const path of ['/api/registry', '/api/registry/open-server'])
      expect(await upgrade(place, path, [local])).toMatchObject({ status: 401, code: 'TOKEN_NEEDED' })
  })
})

describe('as in CVE-2026-14631', () => {
  // A Host or Origin that is no URL made the parser throw, and the exception ended the process.
  const malformed = [
    '[::1',
    'a b',
    'localhost:99999',
    '',
    '//',
    'http://',
    'http://[',
    '\u00e9',
    '%',
    ':',
    '[]',
    '\\',
    'http://a:b:c',
  ]
  it.each(['vite dev', 'vite preview', 'wsyard hub', 'createServer'])(
    'refuses malformed hosts and origins at %s, and lives',
    async (name) => {
      const place = placeOf(name)
      const path = place.endpoints.find(({ isUpgrade }) => isUpgrade)?.path ?? '/'
      for (const text of malformed) {
        expect((await get(place, path, [['Host', text]])).status).toBe(403)
        expect((await upgrade(place, path, [['Host', text]])).status).toBe(403)
        expect((await upgrade(place, path, [local, ['Origin', text]])).status).toBe(403)
      }
      expect((await upgrade(place, path, [local])).status).toBe(place.token === undefined ? 400 : 401)
    },
  )
})

describe('two Hosts in one request', () => {
  // Who goes by the first and who goes by the last see two requests; whatever stands in front of a hub may see the other.
  it.each(['vite dev', 'vite preview', 'wsyard hub', 'createServer'])(
    'are one too many at %s',
    async (name) => {
      const place = placeOf(name)
      const { token } = place
      const credential: Headers = token === undefined ? [] : [['Authorization', `Bearer ${token}`]]
      for (const { path, isUpgrade } of place.endpoints) {
        for (const second of ['evil.test', 'localhost']) {
          const headers: Headers = [local, ['Host', second], ...credential]
          const { status, code } = await (isUpgrade
            ? upgrade(place, path, headers)
            : get(place, path, headers))
          expect([status, code]).toEqual([403, 'HOST_NOT_ALLOWED'])
        }
      }
    },
  )
})

describe('as in CVE-2023-26114', () => {
  // A browser IDE took WebSockets by cookie alone, so that a page of another origin spoke with the visitor's session.
  it('takes the cookie of its own page alone, and no page of another port or site speaks with it', async () => {
    const place = placeOf('wsyard hub')
    const { token = '', session = '', port } = place
    const here = `127.0.0.1:${port}`
    const withCookie = (...headers: Headers): Headers => [
      ['Host', here],
      ['Cookie', `theme=dark; wsyard_${port}=${session}`],
      ...headers,
    ]
    const statusesFor = async (headers: Headers) => [
      (await get(place, '/api/registry', headers)).status,
      (await upgrade(place, '/api/registry', [...headers, ['Sec-WebSocket-Protocol', 'wsyard.v1']])).status,
      (await upgrade(place, '/api/registry/token-server', headers)).status,
    ]
    expect(await statusesFor(withCookie(['Origin', `http://${here}`]))).toEqual([200, 101, 101])
    // A browser sends a host's cookies to all of its ports, for the pages of all of its ports.
    expect(await statusesFor(withCookie(['Origin', 'http://127.0.0.1:1']))).toEqual([401, 401, 403])
    expect(await statusesFor(withCookie(['Origin', 'https://app.example']))).toEqual([401, 401, 401])
    expect(await statusesFor(withCookie(site))).toEqual([403, 403, 403])
    expect(await statusesFor(withCookie(['Sec-Fetch-Site', 'same-site']))).toEqual([401, 401, 403])
    const named = [
      ['Host', here],
      ['Cookie', `token=${token}; wsyard_1=${session}; wsyard=${session}`],
    ] as const
    expect(await statusesFor(named)).toEqual([401, 401, 401])
    const hijack: Headers = [local, site, ['Authorization', `Bearer ${token}`]]
    expect((await upgrade(place, '/api/registry/token-server', hijack)).status).toBe(403)
  })
})

describe('DNS rebinding', () => {
  // A site's own name, or one that some resolvers know, leads to this machine: the browser takes it for the site's own.
  it.each([
    'evil.test',
    'localhost6',
    'ip6-localhost',
    'localhost.evil.test',
    '127.attacker.example',
    '127.0.0.1.attacker.example',
    'localhost.',
    '127.0.0.1.nip.io',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '0',
    '[::ffff:127.0.0.1]',
    '[0:0:0:0:0:0:0:1]',
    '0.0.0.0',
    '169.254.169.254',
  ])('by "%s" reaches nothing', async (host) => {
    for (const place of places) {
      for (const { path, isUpgrade } of place.endpoints) {
        const headers: Headers = [
          ['Host', host],
          ['Origin', `http://${host}`],
          ['Sec-Fetch-Site', 'same-origin'],
        ]
        const { status } = await (isUpgrade ? upgrade(place, path, headers) : get(place, path, headers))
        expect(status).toBe(403)
      }
    }
  })
})

describe('requests forged through the hub (SSRF)', () => {
  it('reach nothing but registered ids and names, however the path is written', async () => {
    await using home = createTestHome()
    const registry = openRegistry({ home: home.path })
    const server = await createServer({ registry, name: 'open-server', auth: 'open' })
    const hub = await startHub(home)
    await expect.poll(hub.ids).toEqual([server.id])
    const ask = (path: string) =>
      rawRequest({ port: Number(new URL(hub.url).port), path, headers: [local, ...handshakeHeaders] })
    const heard: string[] = []
    const elsewhere = createNetServer((socket) => {
      heard.push('a connection')
      socket.destroy()
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    const { port } = elsewhere.address() as AddressInfo
    for (const target of [`127.0.0.1:${port}`, '/api/registry/open-server', `http://127.0.0.1:${port}/`]) {
      for (const extra of [[], handshakeHeaders] as Headers[]) {
        const headers: Headers = [local, ...extra]
        const hubPort = Number(new URL(hub.url).port)
        const { status } = await rawRequest({ port: hubPort, method: 'CONNECT', path: target, headers })
        expect([0, 400]).toContain(status)
      }
    }
    for (const path of [
      `/api/registry/127.0.0.1:${port}`,
      `/api/registry/127.0.0.1:${port}/`,
      `/api/registry/@127.0.0.1:${port}/`,
      `/api/registry/open-server@127.0.0.1:${port}`,
      `/api/registry/http://127.0.0.1:${port}/`,
      `/api/registry///127.0.0.1:${port}/`,
      `/api/registry/%2f%2f127.0.0.1:${port}`,
      `/api/registry/..%2f..`,
      `/api/registry/open-server%0d%0aHost:%20x`,
      `http://127.0.0.1:${port}/api/registry/open-server`,
      `//127.0.0.1:${port}/api/registry`,
      `/api/registry/\u00ff`,
      `/api/registry/open-server\\@127.0.0.1:${port}`,
    ]) {
      const { status } = await ask(path)
      expect([0, 400, 404]).toContain(status)
    }
    // What stands behind the name goes to that server alone, whatever it looks like.
    expect((await ask(`/api/registry/open-server//127.0.0.1:${port}/@x`)).status).toBe(101)
    expect(heard).toEqual([])
    elsewhere.close()
    await server.close()
    await registry.close()
  })

  /** Hosts that are not this machine's loopback by name or literal address, whatever a resolver makes of them. */
  const otherHosts = [
    'evil.test',
    '169.254.169.254',
    '10.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:127.0.0.1',
    'localhost.evil.test',
    'localhost6',
    '0x7f.2',
    '2130706433',
    '0177.0.0.1',
    '127.1',
  ]
  /** What is no host: a managed entry with it is none, and a foreign one counts as if it had not been written there. */
  const noHosts = [
    '127.0.0.1@evil.test',
    '127.0.0.2/x',
    '127.0.0.2#',
    '127.0.0.2:1',
    '[::1]',
    '127.0.0.2\r\nX: y',
  ]

  it.each(['foreign', 'managed'])('reach nothing but loopback through hostile %s entries', async (kind) => {
    await using home = createTestHome()
    const heard: string[] = []
    // On every address of this machine, so that whichever is dialled is heard.
    const elsewhere = createNetServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (bytes) => {
        heard.push(`${socket.localAddress} ${bytes.toString('latin1')}`)
        socket.destroy()
      })
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '::', resolve))
    home.onCleanUp(() => elsewhere.close())
    const { port } = elsewhere.address() as AddressInfo
    const registry = openRegistry({ home: home.path })
    home.onCleanUp(() => registry.close())
    const others = otherHosts.map((host, position) => ({ id: `other-${position}`, host }))
    const malformed = noHosts.map((host, position) => ({ id: `none-${position}`, host }))
    if (kind === 'managed') {
      for (const { id, host } of others) await registry.register({ id, port, host, auth: 'token' })
      for (const { id, host } of malformed)
        await expect(registry.register({ id, port, host })).rejects.toThrow('host')
    } else {
      mkdirSync(home.path, { mode: 0o700 })
      const servers = [...others, ...malformed].map((line) => ({ ...line, port, pid: process.pid }))
      writeFileSync(home.indexPath, JSON.stringify({ servers }))
    }
    const hub = await startHub(home)
    const relay = (id: string) => {
      const path = `/api/registry/${id}`
      return rawRequest({ port: Number(new URL(hub.url).port), path, headers: [local, ...handshakeHeaders] })
    }
    await expect.poll(hub.ids).toContain('other-10')
    for (const { id } of others)
      expect(await relay(id)).toMatchObject({ status: 502, code: 'SERVER_ELSEWHERE' })
    // What a hub itself asks of a managed entry's port, to see whether it answers, is no handshake and has no token.
    expect(heard.filter((text) => /^(upgrade|authorization|sec-websocket)/im.test(text))).toEqual([])
    if (kind === 'managed') return
    expect(heard).toEqual([])
    for (const { id } of malformed) expect((await relay(id)).status).toBe(502)
    expect(heard.every((text) => /^(::ffff:127\.0\.0\.1|::1) /.test(text))).toBe(true)
  })

  it('never reach the hub itself, by whichever address of its own', async () => {
    await using home = createTestHome()
    mkdirSync(home.path, { mode: 0o700 })
    const hub = await startHub(home)
    const port = Number(new URL(hub.url).port)
    const hosts = [undefined, 'localhost', '127.0.0.1', '127.0.0.2', '0.0.0.0', '::', '::1']
    const servers = hosts.map((host, position) => ({ id: `own-${position}`, port, pid: process.pid, host }))
    writeFileSync(join(home.path, 'servers.json'), JSON.stringify({ servers }))
    await expect.poll(async () => (await hub.ids()).length).toBe(hosts.length)
    for (const { id } of servers) {
      const headers: Headers = [local, ...handshakeHeaders]
      const answer = await rawRequest({ port, path: `/api/registry/${id}`, headers })
      expect(answer).toMatchObject({ status: 502, code: 'SERVER_ELSEWHERE' })
    }
  })
})

describe('a server of ours', () => {
  it('is reached by a program of the same user, with the token that it finds in the registry', async () => {
    await using home = createTestHome()
    const registry = openRegistry({ home: home.path })
    home.onCleanUp(() => registry.close())
    const server = await createServer({ registry, name: 'guarded' })
    home.onCleanUp(() => server.close())
    const { token } = JSON.parse(readFileSync(join(home.path, 'servers.d', `${server.id}.json`), 'utf8'))
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    socket.terminate()
  })
})
