/**
 * Other users of the machine, who can dial a hub and write any header: what they reach through it. Whoever dials is a real process of a
 * real user, which passes on what the test says, as forwarding by SSH does.
 */
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createHub, type HubOptions } from '../../src/hub/index.js'
import { hubToken, openRegistry } from '../../src/registry/index.js'
import { createServer as createWsyardServer } from '../../src/server/index.js'
import { type GuardedPlace, startPlaces } from '../support/guarded-places.js'
import { createTestHome, projectRoot, startProcess, type TestHome } from '../support/processes.js'
import { handshakeHeaders, type RawAnswer, rawRequest } from '../support/raw-request.js'
import { giveTo, needUsers, nobody, stranger, type User } from '../support/users.js'

const self: Pick<User, 'prefix'> = { prefix: [] }

/** Starts a process of a user that passes connections on. Resolves to its port. */
async function startForwarder(
  home: TestHome,
  { prefix }: Pick<User, 'prefix'>,
  port: number,
  address = '127.0.0.1',
): Promise<number> {
  const forwarder = join(projectRoot, 'test/support/forwarder.js')
  const [command = '', ...args] = [...prefix, process.execPath, forwarder, String(port), address]
  const running = home.own(startProcess(command, args))
  return Number((await running.printed(/^forwarding port (\d+)$/m))[1])
}

interface Ask {
  readonly via: number
  /** The hub's own, which is what a forged Host and Origin would say. */
  readonly port: number
  readonly path: string
  readonly token?: string | undefined
  readonly isUpgrade?: boolean
}

/** Asks as the hub's own page would, or somebody who forges it. */
function ask({ via, port, path, token, isUpgrade = true }: Ask): Promise<RawAnswer> {
  const headers: [string, string][] = [
    ['Host', `127.0.0.1:${port}`],
    ['Origin', `http://127.0.0.1:${port}`],
    ['Sec-Fetch-Site', 'same-origin'],
  ]
  if (token !== undefined) headers.push(['Authorization', `Bearer ${token}`])
  if (isUpgrade) headers.push(...(handshakeHeaders as [string, string][]))
  return rawRequest({ port: via, path, headers })
}

const refused = { status: 403, code: 'PEER_NOT_ALLOWED' }

/** A hub over one server that asks for a token, in an HTTP server that listens as it is told to. Resolves to its port, if it has one. */
async function startHub(
  home: TestHome,
  options: HubOptions = {},
  where: object = { host: '127.0.0.1', port: 0 },
): Promise<number> {
  const registry = openRegistry({ home: home.path })
  const server = await createWsyardServer({ registry, name: 'guarded' })
  const hub = createHub({ ...options, registry })
  const http = createServer((incoming, response) => {
    if (!hub.handleRequest(incoming, response)) response.writeHead(404).end()
  })
  http.on(
    'upgrade',
    (incoming, socket, head) => hub.handleUpgrade(incoming, socket, head) || socket.destroy(),
  )
  http.listen(where)
  await once(http, 'listening')
  home.onCleanUp(async () => {
    await hub.close()
    await server.close()
    await registry.close()
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  const address = http.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

describe.runIf(process.platform === 'linux')('a process of another user', () => {
  it.for(['vite dev', 'vite preview', 'wsyard hub'])(
    'reaches no server with a token through %s, even with the token of the hub',
    async (name, context) => {
      needUsers(context)
      const { places, close } = await startPlaces({ origins: [], hosts: [] })
      await using home = createTestHome()
      try {
        const { port, token } = places.find((place) => place.name === name) as GuardedPlace
        const via = await startForwarder(home, stranger, port)
        const path = '/api/registry/token-server'
        expect(await ask({ via: port, port, path, token })).toMatchObject({ status: 101 })
        expect(await ask({ via, port, path, token })).toMatchObject(refused)
        expect(await ask({ via, port, path, token, isUpgrade: false })).toMatchObject(refused)
        expect(await ask({ via, port, path: '/api/registry/open-server', token })).toMatchObject({
          status: 101,
        })
      } finally {
        await close()
      }
    },
  )

  it('is told who it is, who the hub is, and what would let it in', async (context) => {
    needUsers(context)
    await using home = createTestHome()
    const port = await startHub(home)
    const via = await startForwarder(home, stranger, port)
    const { body } = await ask({ via, port, path: '/api/registry/guarded' })
    expect(JSON.parse(body).error.message).toBe(
      `The hub does not bring this server's token, as it is a process of user ${stranger.uid} that asks, not of user ${process.getuid?.()} as the hub. If it is a proxy of yours, let it in by the option peers: 'any' of createHub.`,
    )
  })

  it('is let in by peers: any, as a proxy of another user is', async (context) => {
    needUsers(context)
    await using home = createTestHome()
    const port = await startHub(home, { peers: 'any' })
    const via = await startForwarder(home, nobody, port)
    expect(await ask({ via, port, path: '/api/registry/guarded' })).toMatchObject({ status: 101 })
  })

  it('may be root, and is refused by the hub of another user', async (context) => {
    needUsers(context)
    await using home = createTestHome()
    const hub = join(projectRoot, 'dist/bin/wsyard.js')
    const [command = '', ...prefix] = [...nobody.prefix, 'env', `SHIPYARD_HOME=${home.path}`]
    giveTo(home, nobody)
    const server = home.own(
      startProcess(command, [...prefix, process.execPath, join(projectRoot, 'test/support/token-server.js')]),
    )
    await server.printed(/^ready/m)
    const running = home.own(
      startProcess(command, [...prefix, process.execPath, hub, 'hub', '--port', '0', '--auth', 'origin']),
    )
    const port = Number((await running.printed(/Open\s+http:\/\/127\.0\.0\.1:(\d+)/))[1])
    const path = '/api/registry/guarded'
    const asNobody = await startForwarder(home, nobody, port)
    await expect.poll(async () => (await ask({ via: asNobody, port, path })).status).toBe(101)
    const answer = await ask({ via: port, port, path })
    expect(answer).toMatchObject(refused)
    expect(answer.body).toContain('--peers any')
  })
})

describe.runIf(process.platform === 'linux')('a process of the same user', () => {
  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])(
    'passes on what others say, from %s to a hub at all addresses',
    async (address) => {
      await using home = createTestHome()
      const port = await startHub(home, {}, { host: '::', port: 0 })
      const via = await startForwarder(home, self, port, address)
      expect(await ask({ via, port, path: '/api/registry/guarded' })).toMatchObject({ status: 101 })
    },
  )

  it('is known a hundred times at once', async () => {
    await using home = createTestHome()
    const port = await startHub(home)
    const via = await startForwarder(home, self, port)
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        ask({ via: index % 2 === 0 ? via : port, port, path: '/api/registry/guarded' }),
      ),
    )
    expect(answers.filter(({ status }) => status !== 101)).toEqual([])
  })
})

describe.runIf(process.platform === 'linux')('whoever the system cannot tell', () => {
  const statusBy = (socketPath: string, headers: Record<string, string> = {}): Promise<number> =>
    new Promise((resolve, reject) => {
      const asked = { socketPath, path: '/api/registry/guarded', agent: false }
      request({
        ...asked,
        headers: { ...Object.fromEntries(handshakeHeaders), host: 'localhost', ...headers },
      })
        .on('upgrade', (response, socket) => {
          socket.destroy()
          resolve(response.statusCode ?? 0)
        })
        .on('response', (response) => resolve(response.resume().statusCode ?? 0))
        .on('error', reject)
        .end()
    })

  it('is refused by a hub that asks for nothing, and let in by peers: any', async () => {
    await using home = createTestHome()
    const socketPath = join(home.path, '..', 'hub.sock')
    await startHub(home, {}, { path: socketPath })
    expect(await statusBy(socketPath)).toBe(403)
    await using other = createTestHome()
    const otherPath = join(other.path, '..', 'hub.sock')
    await startHub(other, { peers: 'any' }, { path: otherPath })
    expect(await statusBy(otherPath)).toBe(101)
  })

  it('is known by the token of a hub that asks for one', async () => {
    await using home = createTestHome()
    const token = hubToken(home.path)
    const socketPath = join(home.path, '..', 'hub.sock')
    await startHub(home, { token }, { path: socketPath })
    expect(await statusBy(socketPath)).toBe(401)
    expect(await statusBy(socketPath, { authorization: `Bearer ${token.reveal()}` })).toBe(101)
  })
})

it('refuses peers that are none by name', () => {
  expect(() => createHub({ peers: 'all' as never })).toThrow(
    "peers must be 'same-user' or 'any' (got \"all\")",
  )
})
