/** The relay over real sockets: what goes through it, what is left out, and who is turned away (rows 15, 17 and 18). */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import {
  type AddressInfo,
  connect,
  createServer as createNetServer,
  type Server as NetServer,
  type Socket,
} from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { Token } from '../../src/core/index.js'
import { newToken, openRegistry, type RegisterOptions } from '../../src/registry/index.js'
import { createServer, type ServerOptions } from '../../src/server/index.js'
import { startHub } from '../support/hub.js'
import {
  createTestHome,
  projectRoot,
  startEchoServer,
  startProcess,
  type TestHome,
} from '../support/processes.js'
import { handshakeHeaders, rawRequest } from '../support/raw-request.js'

function registryOf(home: TestHome) {
  const registry = openRegistry({ home: home.path })
  home.onCleanUp(() => registry.close())
  return registry
}

async function startServer(home: TestHome, options: ServerOptions = {}) {
  const server = await createServer({ registry: registryOf(home), ...options })
  home.onCleanUp(() => server.close())
  return server
}

/** Any listening server, registered as it is. */
async function register(home: TestHome, server: NetServer, options: Partial<RegisterOptions> = {}) {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  home.onCleanUp(() => server.close())
  const { port } = server.address() as AddressInfo
  return registryOf(home).register({ port, ...options })
}

/** A hub that has seen these servers. */
async function hubOver(home: TestHome, count: number, options = {}) {
  const hub = await startHub(home, options)
  await expect.poll(async () => (await hub.ids()).length).toBe(count)
  return { ...hub, port: Number(new URL(hub.url).port) }
}

/** What each socket has received and nobody has asked for yet: a server may speak in the moment it is connected. */
const received = new WeakMap<WebSocket, string[]>()

async function open(url: string, protocols: string[] = [], options = {}): Promise<WebSocket> {
  const socket = new WebSocket(url, protocols, options)
  const messages: string[] = []
  received.set(socket, messages)
  socket.on('message', (data) => messages.push(String(data)))
  socket.on('error', () => {})
  await once(socket, 'open')
  return socket
}

async function next(socket: WebSocket): Promise<string> {
  const messages = received.get(socket) ?? []
  if (messages.length === 0) await once(socket, 'message')
  return messages.shift() ?? ''
}

/** Takes every byte that comes, and can answer a handshake by hand. */
async function rawServer(home: TestHome, onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = createNetServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  home.onCleanUp(() => {
    for (const socket of sockets) socket.destroy()
  })
  return { server, sockets }
}

const accept =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'

describe('the relay', () => {
  it('reaches a server by its id, and by its name the newest that is up', async () => {
    await using home = createTestHome()
    const first = await startServer(home, { name: 'worker', onConnection: (socket) => socket.send('first') })
    await startServer(home, { name: 'worker', onConnection: (socket) => socket.send('second') })
    const hub = await hubOver(home, 2)
    expect(await next(await open(`${hub.webSocketUrl}/${first.id}`))).toBe('first')
    expect(await next(await open(`${hub.webSocketUrl}/worker`))).toBe('second')
  })

  it('passes path and query on as they came, and asks for the path of the entry without one', async () => {
    await using home = createTestHome()
    await startServer(home, {
      name: 'a',
      path: '/ws?v=1',
      onConnection: (socket, { url }) => socket.send(String(url)),
    })
    const hub = await hubOver(home, 1)
    for (const [rest, expected] of [
      ['', '/ws?v=1'],
      ['?x=1', '/ws?v=1&x=1'],
      ['/', '/'],
      ['/room/%C3%A9?q=a%20b&c', '/room/%C3%A9?q=a%20b&c'],
    ]) {
      expect(await next(await open(`${hub.webSocketUrl}/a${rest}`))).toBe(expected)
    }
  })

  it('brings the token of the server, and neither cookies nor the token of the hub', async () => {
    await using home = createTestHome()
    const token = new Token(newToken())
    const server = await startServer(home, {
      name: 'a',
      onConnection: (socket, { headers }) => socket.send(JSON.stringify(headers)),
    })
    const hub = await hubOver(home, 1).catch(() => undefined)
    const guarded = await startHub(home, { token })
    const asked = await open(`${guarded.webSocketUrl}/a`, ['wsyard.v1', `wsyard.bearer.${token.reveal()}`], {
      headers: { cookie: 'session=secret', 'proxy-authorization': 'secret', 'x-kept': 'yes' },
    })
    expect(asked.protocol).toBe('wsyard.v1')
    const headers = JSON.parse(await next(asked))
    expect(headers).toMatchObject({
      host: `127.0.0.1:${server.port}`,
      'x-kept': 'yes',
      authorization: `Bearer ${server.registration.entry.token?.reveal()}`,
    })
    expect(JSON.stringify(headers)).not.toMatch(/session=|secret/)
    expect(JSON.stringify(headers)).not.toContain(token.reveal())
    expect(hub).toBeDefined()
  })

  it('lets its page in to servers that let in the pages of their own address alone, as those of gorilla/websocket do', async () => {
    await using home = createTestHome()
    const isOwn = (origin: string | undefined, host = '') => !origin || new URL(origin).host === host
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      verifyClient: ({ req: { headers } }: { req: IncomingMessage }) => isOwn(headers.origin, headers.host),
    })
    server.on('connection', (socket) => socket.send('welcome'))
    await once(server, 'listening')
    home.onCleanUp(() => server.close())
    const { port } = server.address() as AddressInfo
    await registryOf(home).register({ port, name: 'strict' })
    const hub = await hubOver(home, 1, { origins: ['https://app.test'] })
    for (const origin of [new URL(hub.url).origin, 'https://app.test']) {
      await expect(open(`ws://127.0.0.1:${port}`, [], { origin })).rejects.toThrow('401')
      expect(await next(await open(`${hub.webSocketUrl}/strict`, [], { origin }))).toBe('welcome')
    }
  })

  it('leaves an Authorization alone that is neither its own nor needed', async () => {
    await using home = createTestHome()
    await startServer(home, {
      name: 'a',
      auth: 'open',
      onConnection: (socket, { headers }) => socket.send(String(headers.authorization)),
    })
    const hub = await hubOver(home, 1)
    const asked = await open(`${hub.webSocketUrl}/a`, [], { headers: { authorization: 'Basic eA==' } })
    expect(await next(asked)).toBe('Basic eA==')
  })

  it('lets the two ends choose a subprotocol and extensions', async () => {
    await using home = createTestHome()
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      perMessageDeflate: { threshold: 0 },
      handleProtocols: (offered) => [...offered].at(-1) ?? false,
    })
    await once(server, 'listening')
    server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
    home.onCleanUp(() => server.close())
    await registryOf(home).register(server, { name: 'a' })
    const hub = await hubOver(home, 1)
    const socket = await open(`${hub.webSocketUrl}/a`, ['y-sync', 'y-other'])
    expect(socket.protocol).toBe('y-other')
    expect(socket.extensions).toContain('permessage-deflate')
    socket.send('x'.repeat(100_000))
    expect(await next(socket)).toBe('x'.repeat(100_000))
    socket.terminate()
  })

  it('passes close codes and reasons on, both ways', async () => {
    await using home = createTestHome()
    const heard: [number, string][] = []
    await startServer(home, {
      name: 'a',
      onConnection: (socket, { url }) => {
        if (url === '/bye') socket.close(4001, 'because')
        socket.on('close', (code, reason) => heard.push([code, String(reason)]))
      },
    })
    const hub = await hubOver(home, 1)
    const closing = await open(`${hub.webSocketUrl}/a/bye`)
    const [code, reason] = await once(closing, 'close')
    expect([code, String(reason)]).toEqual([4001, 'because'])
    const socket = await open(`${hub.webSocketUrl}/a/`)
    socket.close(4002, 'enough')
    await expect.poll(() => heard).toContainEqual([4002, 'enough'])
  })

  it('passes every byte on as it is, in whatever pieces', async () => {
    await using home = createTestHome()
    const sent = randomBytes(3 * 1024 * 1024)
    const { server } = await rawServer(home, (socket) => {
      socket.once('data', () => {
        socket.write(accept)
        socket.pipe(socket)
      })
    })
    await register(home, server, { name: 'raw' })
    const hub = await hubOver(home, 1)
    const socket = connect(hub.port, '127.0.0.1')
    const lines = [['Host', `127.0.0.1:${hub.port}`], ...handshakeHeaders].map(
      ([name, value]) => `${name}: ${value}\r\n`,
    )
    const head = `GET /api/registry/raw/ HTTP/1.1\r\n${lines.join('')}\r\n`
    const received: Buffer[] = []
    socket.on('data', (chunk) => received.push(chunk))
    socket.write(head)
    await expect.poll(() => Buffer.concat(received).includes('\r\n\r\n')).toBe(true)
    for (let from = 0, step = 1; from < sent.length; from += step, step = (step * 7) % 65_521)
      socket.write(sent.subarray(from, from + step))
    socket.end()
    await once(socket, 'close')
    const all = Buffer.concat(received)
    const body = all.subarray(all.indexOf('\r\n\r\n') + 4)
    expect(body.equals(sent)).toBe(true)
  })

  it('carries a message of 16 MiB', async () => {
    await using home = createTestHome()
    await startServer(home, {
      name: 'a',
      onConnection: (socket) => socket.on('message', (data) => socket.send(data)),
    })
    const hub = await hubOver(home, 1)
    const socket = await open(`${hub.webSocketUrl}/a`)
    const message = randomBytes(16 * 1024 * 1024)
    socket.send(message)
    const [data] = await once(socket, 'message')
    expect(message.equals(data)).toBe(true)
    socket.terminate()
  })

  it('ends one side when the other has ended, and keeps nothing', async () => {
    await using home = createTestHome()
    const server = await startServer(home, { name: 'a' })
    const hub = await hubOver(home, 1, { maxRelays: 3 })
    for (let round = 0; round < 5; round += 1) {
      const sockets = await Promise.all([1, 2, 3].map(() => open(`${hub.webSocketUrl}/a`)))
      const ends = sockets.map((socket) => once(socket, 'close'))
      for (const socket of round % 2 === 0 ? sockets : server.clients) socket.terminate()
      await Promise.all(ends)
      await expect.poll(() => server.clients.size).toBe(0)
      // Places are free again when the hub, too, has seen both sides end.
      await expect
        .poll(async () => {
          const { status } = await rawRequest({
            port: hub.port,
            path: '/api/registry/none',
            headers: [['Host', 'localhost'], ...handshakeHeaders],
          })
          return status
        })
        .toBe(404)
    }
  })
})

describe('the relay turns away', () => {
  const ask = async (
    home: TestHome,
    count: number,
    key: string,
    headers = handshakeHeaders,
    options = {},
  ) => {
    const hub = await hubOver(home, count, options)
    return rawRequest({
      port: hub.port,
      path: `/api/registry/${key}`,
      headers: [['Host', 'localhost'], ...headers],
    })
  }

  it('who asks for a server that there is not, naming those that there are', async () => {
    await using home = createTestHome()
    await startServer(home, { name: 'worker-a' })
    const { id } = await startServer(home)
    for (const key of ['worker', 'worker%2da', '__proto__', '..', 'worker-a@evil.test']) {
      const answer = await ask(home, 2, key)
      expect([answer.status, answer.code]).toEqual([404, 'SERVER_NOT_FOUND'])
      expect(answer.body).toContain('There are: ')
      expect(answer.body).toContain('worker-a')
      expect(answer.body).toContain(id)
    }
  })

  it.each([
    [
      'no handshake',
      [
        ['Upgrade', 'h2c'],
        ['Connection', 'Upgrade'],
      ] as const,
      400,
      'BAD_REQUEST',
    ],
    [
      'a token alone',
      [...handshakeHeaders, ['Sec-WebSocket-Protocol', 'wsyard.bearer.x']] as const,
      400,
      'BAD_REQUEST',
    ],
  ])('%s', async (_what, headers, status, code) => {
    await using home = createTestHome()
    await startServer(home, { name: 'a' })
    expect(await ask(home, 1, 'a', headers)).toMatchObject({ status, code })
  })

  it('more than it was told to take', async () => {
    await using home = createTestHome()
    await startServer(home, { name: 'a' })
    const hub = await hubOver(home, 1, { maxRelays: 1 })
    await open(`${hub.webSocketUrl}/a`)
    const answer = await rawRequest({
      port: hub.port,
      path: '/api/registry/a',
      headers: [['Host', 'localhost'], ...handshakeHeaders],
    })
    expect(answer).toMatchObject({ status: 503, code: 'HUB_FULL' })
  })

  it('who asks for a server of another machine, or for the hub itself', async () => {
    await using home = createTestHome()
    const registry = registryOf(home)
    await registry.register({ port: 8080, name: 'far', host: '10.0.0.7' })
    await registry.register({ port: 8080, name: 'named', host: '127.0.0.1.evil.test' })
    const hub = await hubOver(home, 2)
    await registry.register({ port: hub.port, name: 'itself' })
    await expect.poll(async () => (await hub.ids()).length).toBe(3)
    for (const key of ['far', 'named', 'itself']) {
      const headers = [['Host', 'localhost'], ...handshakeHeaders] as const
      expect(await rawRequest({ port: hub.port, path: `/api/registry/${key}`, headers })).toMatchObject({
        status: 502,
        code: 'SERVER_ELSEWHERE',
      })
    }
  })

  it('who asks for a server that answers with something else, and follows no redirect', async () => {
    await using home = createTestHome()
    let asked = 0
    const http = createHttpServer((_request, response) => response.end()).on(
      'upgrade',
      (_request, socket) => {
        asked += 1
        socket.end('HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n')
      },
    )
    await register(home, http, { name: 'redirect' })
    const answer = await ask(home, 1, 'redirect')
    expect(answer).toMatchObject({ status: 502, code: 'SERVER_ANSWER' })
    expect(answer.body).toContain('302 Found')
    expect(asked).toBe(1)
  })

  it.each([
    ['nonsense', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['another accept', accept.replace('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=', 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=')],
    ['an endless head', `HTTP/1.1 101 OK\r\n${'x: y\r\n'.repeat(100_000)}`],
  ])('who asks for a server that answers with %s', async (_what, text) => {
    await using home = createTestHome()
    const { server } = await rawServer(home, (socket) => socket.once('data', () => socket.write(text)))
    await register(home, server, { name: 'odd' })
    expect(await ask(home, 1, 'odd')).toMatchObject({ status: 502, code: 'SERVER_ANSWER' })
  })

  it('who asks for a server that hangs up', async () => {
    await using home = createTestHome()
    const { server } = await rawServer(home, (socket) => socket.once('data', () => socket.end()))
    await register(home, server, { name: 'shy' })
    expect(await ask(home, 1, 'shy')).toMatchObject({ status: 502, code: 'SERVER_REFUSED' })
  })

  it('a plain request with what the last handshake met with, as a page is not told that', async () => {
    await using home = createTestHome()
    let refuses = true
    const { server } = await rawServer(home, (socket) =>
      socket.once('data', () => (refuses ? socket.end() : socket.write(accept))),
    )
    await register(home, server, { name: 'moody' })
    const { port } = await hubOver(home, 1)
    const local: [string, string] = ['Host', 'localhost']
    const get = (key: string) => rawRequest({ port, path: `/api/registry/${key}`, headers: [local] })
    const shakeHands = () =>
      rawRequest({ port, path: '/api/registry/moody', headers: [local, ...handshakeHeaders] })
    expect(await get('nobody')).toMatchObject({ status: 404, code: 'SERVER_NOT_FOUND' })
    expect(await get('moody')).toMatchObject({ status: 426, code: 'UPGRADE_NEEDED' })
    const { body } = await shakeHands()
    expect(await get('moody')).toMatchObject({ status: 502, code: 'SERVER_REFUSED', body })
    refuses = false
    expect(await shakeHands()).toMatchObject({ status: 101 })
    expect(await get('moody')).toMatchObject({ status: 426, code: 'UPGRADE_NEEDED' })
  })

  it('after five seconds who asks for a server that accepts and never answers, and holds nobody else up (row 17)', async () => {
    await using home = createTestHome()
    const { server, sockets } = await rawServer(home, (socket) => socket.resume())
    await register(home, server, { name: 'silent' })
    await startServer(home, { name: 'lively', onConnection: (socket) => socket.send('hello') })
    const hub = await hubOver(home, 2)
    const headers = [['Host', 'localhost'], ...handshakeHeaders] as const
    const asked = Array.from({ length: 20 }, () =>
      rawRequest({ port: hub.port, path: '/api/registry/silent', headers }),
    )
    await expect.poll(() => sockets.size).toBeGreaterThanOrEqual(20)
    expect(await next(await open(`${hub.webSocketUrl}/lively`))).toBe('hello')
    for (const answer of await Promise.all(asked))
      expect(answer).toMatchObject({ status: 504, code: 'SERVER_SILENT' })
  })

  it.runIf(process.platform === 'linux').each([
    ['an HTTP server', 'http'],
    ['another WebSocket server', 'ws'],
  ])(
    'who asks for a server whose port %s has taken, and sends that nothing (row 18)',
    async (_what, kind) => {
      await using home = createTestHome()
      const server = home.own(await startEchoServer(home.path))
      const taker = home.own(
        startProcess(process.execPath, [join(projectRoot, 'test/support/port-taker.js'), kind]),
      )
      const [, port = ''] = await taker.printed(/^port (\d+)$/m)
      // As if the server had closed its port and the other had come after: its process lives, and listens elsewhere.
      movePort(home, server.id, Number(port))
      const hub = await hubOver(home, 1)
      await expect.poll(async () => (await hub.snapshot()).text()).toContain(`"port":${port}`)
      const headers = [['Host', 'localhost'], ...handshakeHeaders] as const
      const answer = await rawRequest({ port: hub.port, path: `/api/registry/${server.id}`, headers })
      expect(answer).toMatchObject({ status: 502, code: 'SERVER_REPLACED' })
      await taker.printed(/closed/)
      expect(taker.output()).not.toContain('heard')
    },
  )
})

function movePort(home: TestHome, id: string, port: number): void {
  const path = join(home.path, 'servers.d', `${id}.json`)
  const entry = JSON.parse(readFileSync(path, 'utf8'))
  writeFileSync(`${path}.new`, JSON.stringify({ ...entry, port }), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

/** Waits until a count is the same at two looks, one after the other. */
async function standsStill(count: () => number): Promise<void> {
  let last = Number.NaN
  const isSame = (): boolean => {
    const before = last
    last = count()
    return last === before
  }
  await expect.poll(isSame, { interval: 300 }).toBe(true)
}

describe('a hub', () => {
  it('does not relay what another hub has relayed', async () => {
    await using home = createTestHome()
    await using other = createTestHome()
    const first = await startHub(home)
    const second = await startHub(other)
    const portOf = ({ url }: { url: string }): number => Number(new URL(url).port)
    await registryOf(home).register({ port: portOf(second), name: 'next', path: '/api/registry/next' })
    await registryOf(other).register({ port: portOf(first), name: 'next', path: '/api/registry/next' })
    for (const hub of [first, second]) await expect.poll(async () => (await hub.ids()).length).toBe(1)
    const headers = [['Host', 'localhost'], ...handshakeHeaders] as const
    const answer = await rawRequest({ port: portOf(first), path: '/api/registry/next', headers })
    expect(answer).toMatchObject({ status: 502, code: 'SERVER_ANSWER' })
  })

  it('says what is wrong with a registry that it cannot read', async () => {
    await using home = createTestHome()
    writeFileSync(home.path, 'a file where the directory should be')
    const hub = await startHub(home)
    const headers = [['Host', 'localhost'], ...handshakeHeaders] as const
    const port = Number(new URL(hub.url).port)
    expect(await rawRequest({ port, path: '/api/registry/any', headers })).toMatchObject({
      status: 503,
      code: expect.stringMatching(/^WSYARD_ERR_/),
    })
  })
})

describe('a relayed connection', () => {
  it('closes when its server is killed, and the entry goes at once', async () => {
    await using home = createTestHome()
    const server = home.own(await startEchoServer(home.path))
    const hub = await hubOver(home, 1)
    const push = await open(hub.webSocketUrl, ['wsyard.v1'])
    const socket = await open(`${hub.webSocketUrl}/${server.id}`)
    const closed = once(socket, 'close')
    const removed = new Promise<unknown>((resolve) => {
      push.on('message', (data) => {
        const message = JSON.parse(String(data))
        if (message.type === 'change') resolve(message.changes)
      })
    })
    await server.stop('SIGKILL')
    expect((await closed)[0]).toBe(1006)
    expect(await removed).toMatchObject([{ type: 'removed', entry: { id: server.id }, reason: 'exited' }])
  })

  it('makes its server wait while its client does not read, and nobody else (row 15)', async () => {
    await using home = createTestHome()
    let [sent, isOver] = [0, false]
    await startServer(home, {
      name: 'flood',
      onConnection: (socket) => {
        const chunk = randomBytes(256 * 1024)
        const more = (): void => {
          if (isOver || socket.bufferedAmount > 4 * 1024 * 1024) return
          socket.send(chunk, () => setImmediate(more))
          sent += chunk.length
        }
        for (let count = 0; count < 4; count += 1) more()
      },
    })
    await startServer(home, {
      name: 'calm',
      onConnection: (socket) => socket.on('message', (data) => socket.send(data)),
    })
    const hub = await hubOver(home, 2)
    const before = process.memoryUsage().rss
    const lazy = await open(`${hub.webSocketUrl}/flood`)
    lazy.pause()
    await standsStill(() => sent)
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
    const calm = await open(`${hub.webSocketUrl}/calm`)
    for (let count = 0; count < 100; count += 1) {
      calm.send(String(count))
      expect(await next(calm)).toBe(String(count))
    }
    isOver = true
    lazy.resume()
    lazy.terminate()
  })
})
