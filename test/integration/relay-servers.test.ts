/** Servers made with other libraries, reached through the relay by clients that know nothing of wsyard. */
import { type EventEmitter, once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema } from 'graphql/index.js' // the build that graphql-ws has from Node; Vitest would take the other
import { createClient } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { Server as SocketIoServer } from 'socket.io'
import { io, type ManagerOptions } from 'socket.io-client'
import { describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import OldWebSocket from 'ws-7'
import {
  type ListeningServer,
  openRegistry,
  type ServerDetails,
  verifyToken,
} from '../../src/registry/index.js'
import { startHub } from '../support/hub.js'
import { createTestHome, type TestHome } from '../support/processes.js'

/** The URL through a hub of a server that is about to listen, and registers. */
async function relayUrl(
  home: TestHome,
  server: ListeningServer & EventEmitter,
  details: ServerDetails & { name: string },
): Promise<string> {
  await once(server, 'listening')
  const registry = openRegistry({ home: home.path })
  home.onCleanUp(() => registry.close())
  await registry.register(server, details)
  return urlOfOnly(home, details.name)
}

/** The URL through a hub of the only server there is. */
async function urlOfOnly(home: TestHome, idOrName: string): Promise<string> {
  const hub = await startHub(home)
  await expect.poll(hub.ids).toHaveLength(1)
  return `${hub.webSocketUrl}/${idOrName}`
}

const anyPort = { port: 0, host: '127.0.0.1' }

/** Answers a message with how many bytes have come from the network, and with the message. */
function answer(socket: EventEmitter & { send(text: string): void }, request: IncomingMessage): void {
  socket.on('message', (data) => socket.send(`${request.socket.bytesRead} ${data}`))
}

const compressing = { ...anyPort, perMessageDeflate: { threshold: 0 } }
const versions = {
  'ws 7': {
    serve: () => new OldWebSocket.Server(compressing).on('connection', answer),
    connect: (url: string) => new OldWebSocket(url),
  },
  'ws 8': {
    serve: () => new WebSocketServer(compressing).on('connection', answer),
    connect: (url: string) => new WebSocket(url),
  },
}

describe('the relay reaches', () => {
  it('a server of another library that asks for the token it registered with, and nobody else does', async () => {
    await using home = createTestHome()
    const registry = openRegistry({ home: home.path })
    const http = createServer().listen(0, '127.0.0.1')
    await once(http, 'listening')
    const { entry } = await registry.register(http, { name: 'guarded', auth: 'token' })
    const sockets = new WebSocketServer({ noServer: true }).on('connection', answer)
    http.on('upgrade', (request, socket, head) => {
      if (!verifyToken(request.headers, entry.token)) socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
      else sockets.handleUpgrade(request, socket, head, (one) => sockets.emit('connection', one, request))
    })
    home.onCleanUp(async () => {
      sockets.close()
      http.closeAllConnections()
      http.close()
      await registry.close()
    })
    const opens = (url: string, protocols: string[] = [], authorization = ''): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = new WebSocket(url, protocols, { headers: { authorization } })
        socket.on('open', () => resolve(true)).on('open', () => socket.terminate())
        socket.on('error', () => resolve(false))
      })
    expect(await opens(await urlOfOnly(home, 'guarded'))).toBe(true)
    const direct = `ws://127.0.0.1:${entry.port}`
    const token = entry.token?.reveal()
    expect(await opens(direct)).toBe(false)
    expect(await opens(direct, [], 'Bearer wrong')).toBe(false)
    expect(await opens(direct, [], `Bearer ${token}`)).toBe(true)
    expect(await opens(direct, ['wsyard.v1', `wsyard.bearer.${token}`])).toBe(true)
  })

  it.each([
    ['ws 7', 'ws 7'],
    ['ws 7', 'ws 8'],
    ['ws 8', 'ws 7'],
  ] as const)('a server of %s by %s, with what both say compressed all the way', async (version, other) => {
    await using home = createTestHome()
    const server = versions[version].serve()
    home.onCleanUp(() => server.close())
    const socket = versions[other].connect(await relayUrl(home, server, { name: 'a' }))
    home.onCleanUp(() => socket.terminate())
    const [[response]] = await Promise.all([once(socket, 'upgrade'), once(socket, 'open')])
    expect(socket.extensions).toContain('permessage-deflate')
    const long = 'x'.repeat(100_000)
    socket.send(long)
    const [count, text] = String((await once(socket, 'message'))[0]).split(' ')
    expect(text).toBe(long)
    expect(Number(count)).toBeLessThan(10_000)
    expect(response.socket.bytesRead).toBeLessThan(10_000)
  })

  it('a server of ws 7 that is a line in servers.json, by its id', async () => {
    await using home = createTestHome()
    const server = new OldWebSocket.Server(anyPort)
    home.onCleanUp(() => server.close())
    server.on('connection', (socket) => socket.on('message', (data) => socket.send(`heard ${data}`)))
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    mkdirSync(home.path)
    writeFileSync(home.indexPath, JSON.stringify({ servers: [{ id: 'old', port, pid: process.pid }] }))
    const socket = new WebSocket(await urlOfOnly(home, 'old'))
    home.onCleanUp(() => socket.terminate())
    await once(socket, 'open')
    socket.send('ws 8')
    expect(String((await once(socket, 'message'))[0])).toBe('heard ws 8')
  })

  it('a server of socket.io, by the path that its client is given', async () => {
    await using home = createTestHome()
    const http = createServer().listen(0, '127.0.0.1')
    const server = new SocketIoServer(http)
    home.onCleanUp(() => server.close())
    server.on('connection', (socket) =>
      socket.on('say', (text: string, acknowledge: (answer: string) => void) => {
        socket.broadcast.emit('said', text)
        acknowledge(`heard ${text}`)
      }),
    )
    const url = new URL(await relayUrl(home, http, { name: 'chat', path: '/socket.io/' }))
    const enter = (name: string, options: Partial<ManagerOptions>) => {
      const socket = io(url.origin, { transports: ['websocket'], forceNew: true, ...options })
      home.onCleanUp(() => socket.disconnect())
      return socket.on('who', (acknowledge: (answer: string) => void) => acknowledge(name))
    }
    const ann = enter('Ann', { path: `${url.pathname}/socket.io/` })
    // Without a path after the name the relay asks for that of the entry.
    const bob = enter('Bob', { path: url.pathname, addTrailingSlash: false })

    expect(await bob.emitWithAck('say', 'hello')).toBe('heard hello')
    const said = new Promise((resolve) => bob.once('said', resolve))
    expect(await ann.emitWithAck('say', 'hello, Bob')).toBe('heard hello, Bob')
    expect(await said).toBe('hello, Bob')
    expect((await server.timeout(30_000).emitWithAck('who')).sort()).toEqual(['Ann', 'Bob'])
  })

  it('a server of graphql-ws, whose subscription brings its values and completes', async () => {
    await using home = createTestHome()
    const server = new WebSocketServer({ ...anyPort, path: '/graphql' })
    home.onCleanUp(() => server.close())
    const schema = buildSchema('type Query { none: Int } type Subscription { countTo(last: Int!): Int! }')
    async function* countTo({ last }: { last: number }) {
      for (let count = 1; count <= last; count += 1) yield { countTo: count }
    }
    useServer({ schema, roots: { subscription: { countTo } } }, server)
    const url = await relayUrl(home, server, { name: 'graphql', path: '/graphql' })
    const accepted = once(server, 'connection')
    const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 })
    home.onCleanUp(() => client.dispose())
    const opened = new Promise<unknown>((resolve) => client.on('opened', resolve))

    const values = []
    for await (const { data } of client.iterate({ query: 'subscription { countTo(last: 3) }' }))
      values.push(data)
    expect(values).toEqual([{ countTo: 1 }, { countTo: 2 }, { countTo: 3 }])
    for (const end of [await opened, (await accepted)[0]])
      expect(end).toHaveProperty('protocol', 'graphql-transport-ws')
  })
})
