/** How relayed connections end, whoever ends them and when; and what is dialled where two processes share a port's number. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newToken, openRegistry, type RegisterOptions, type Registry } from '../../src/registry/index.js'
import { startHub } from '../support/hub.js'
import { createTestHome, projectRoot, startProcess, type TestHome } from '../support/processes.js'
import { handshakeHeaders, rawRequest } from '../support/raw-request.js'
import {
  askRaw,
  openRaw,
  type RawServer,
  type RawServerOptions,
  startRawServer,
} from '../support/raw-socket.js'
import { skip } from '../support/tools.js'

function open(home: TestHome): Registry {
  const registry = openRegistry({ home: home.path })
  home.onCleanUp(() => registry.close())
  return registry
}

async function startRaw(
  home: TestHome,
  registry: Registry,
  onOpen: (socket: Socket) => void,
  { details = {}, ...options }: RawServerOptions & { details?: Partial<RegisterOptions> } = {},
): Promise<RawServer> {
  const server = await startRawServer(onOpen, options)
  home.onCleanUp(() => server.close())
  await registry.register({ port: server.port, name: 'raw', ...details })
  return server
}

/** How many TCP connections this process has, hub, servers and clients together. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
}

/** Reads what comes, and ends when the other side does. */
function follow(socket: Socket): void {
  socket
    .on('error', () => {})
    .on('end', () => socket.end())
    .resume()
}

describe('the relay', () => {
  it.runIf(process.platform === 'linux')(
    'finds a server at ::1 whose port another process has at 127.0.0.1, and sends that nothing (row 18)',
    async (context) => {
      await using home = createTestHome()
      const registry = open(home)
      const hub = await startHub(home)
      const taker = home.own(
        startProcess(process.execPath, [`${projectRoot}/test/support/port-taker.js`, 'ws']),
      )
      const port = Number((await taker.printed(/^port (\d+)$/m))[1])
      const server = await startRawServer(follow, { host: '::1', port }).catch(() =>
        skip(context, 'there is no IPv6'),
      )
      home.onCleanUp(() => server.close())
      const token = newToken()
      await registry.register({ port, name: 'six', host: 'localhost', auth: 'token', token })
      await expect.poll(hub.ids).toHaveLength(1)
      const { socket, head } = await openRaw(`${hub.url}/six`)
      expect(head).toMatch(/^HTTP\/1\.1 101 /)
      expect(server.heads.at(-1)).toContain(token)
      await taker.printed(/closed/)
      expect(taker.output()).not.toContain('heard')
      socket.destroy()
    },
  )

  it('keeps the token of another machine to itself', async () => {
    await using home = createTestHome()
    const registry = open(home)
    const hub = await startHub(home)
    await startRaw(home, registry, follow)
    const stranger = await startRawServer(follow)
    home.onCleanUp(() => stranger.close())
    const entry = {
      id: 'container-1',
      port: stranger.port,
      pid: 1,
      startedAt: new Date().toISOString(),
      auth: 'token',
      instance: '0'.repeat(32),
      machine: 'another.machine',
      token: newToken(),
    }
    writeFileSync(join(home.path, 'servers.d/container-1.json'), JSON.stringify(entry), { mode: 0o600 })
    await expect.poll(hub.ids).toHaveLength(2)
    const { host, port } = new URL(hub.url)
    const path = '/api/registry/container-1'
    const headers = [['Host', host], ...handshakeHeaders] as const
    expect(await rawRequest({ port: Number(port), path, headers })).toMatchObject({
      status: 502,
      code: 'SERVER_ELSEWHERE',
    })
    expect(stranger.heads).toEqual([])
  })
})

describe('when one end goes', () => {
  it.each(['end', 'destroy', 'resetAndDestroy'] as const)(
    'by %s, so does the other, and nothing is left open',
    async (way) => {
      await using home = createTestHome()
      const servers: Socket[] = []
      const raw = await startRaw(home, open(home), (socket) => {
        follow(socket)
        servers.push(socket)
      })
      const hub = await startHub(home)
      await hub.ids()
      const before = sockets()
      for (const end of ['client', 'server']) {
        servers.length = 0
        const { socket } = await openRaw(`${hub.url}/raw`)
        follow(socket)
        const closed = once(socket, 'close')
        await expect.poll(() => servers.length).toBe(1)
        if (end === 'client') socket[way]()
        else servers[0]?.[way]()
        await closed
        await expect.poll(() => raw.open()).toBe(0)
        await expect.poll(sockets).toBeLessThanOrEqual(before)
      }
    },
  )

  it('and the other does not follow, it is cut', async () => {
    await using home = createTestHome()
    let server: Socket | undefined
    await startRaw(home, open(home), (socket) => {
      server = socket.resume() // and never ends
    })
    const hub = await startHub(home)
    const { socket } = await openRaw(`${hub.url}/raw`)
    socket.resume().end()
    await once(socket, 'close')
    // Nobody is there any more to take this.
    await expect.poll(() => server?.destroyed || (server?.write('x') && undefined)).toBe(true)
  })

  it('during the handshake, the dial is given up', async () => {
    await using home = createTestHome()
    const raw = await startRaw(home, open(home), follow, { answer: () => undefined })
    const hub = await startHub(home)
    for (const way of ['end', 'destroy', 'resetAndDestroy'] as const) {
      const before = raw.heads.length
      const { socket } = askRaw(`${hub.url}/raw`)
      await expect.poll(() => raw.heads.length).toBe(before + 1)
      const started = performance.now()
      socket[way]()
      await expect.poll(() => raw.open()).toBe(0)
      expect(performance.now() - started).toBeLessThan(4000) // not by the limit of five seconds
    }
  })

  it('because the hub closes, all go', async () => {
    await using home = createTestHome()
    const raw = await startRaw(home, open(home), follow)
    {
      await using hubs = createTestHome()
      const hub = await startHub({ ...hubs, path: home.path })
      await openRaw(`${hub.url}/raw`)
      await expect.poll(() => raw.open()).toBe(1)
    }
    await expect.poll(() => raw.open()).toBe(0)
  })
})
