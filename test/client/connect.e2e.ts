/** One socket to a server by its name, over restarts, failures and absences. */

import { writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { projectOf } from '../../src/registry/index.js'
import { startVite } from '../e2e/fixtures.js'
import { projectRoot } from '../support/processes.js'
import { clientPage, expect, test, testEndingVite } from './fixtures.js'

declare global {
  interface Window {
    log: string[]
    socket: ReturnType<ReturnType<typeof window.wsyard.createClient>['connect']>
  }
}

/** In the page: a socket whose every event is logged. */
function follow(options: {
  key: string
  reconnect?: boolean
  path?: string
  transport?: 'direct' | 'relay'
}) {
  const { key, transport, ...rest } = options
  const client = window.wsyard.createClient(transport && { transport })
  const socket = client.connect(key, rest)
  window.log = []
  window.socket = socket
  socket.addEventListener('open', () => window.log.push(`open ${socket.server?.name}`))
  socket.addEventListener('message', ({ data }) => window.log.push(`message ${data}`))
  socket.addEventListener('error', () => window.log.push('error'))
  socket.addEventListener('close', ({ code, reason }) =>
    window.log.push(`close ${code} ${reason} ${socket.readyState}`),
  )
  socket.addEventListener('statechange', () =>
    window.log.push(`${socket.connection} ${socket.reason?.code ?? ''}`.trim()),
  )
}

test('a socket follows a name to where its server restarts', async ({ client, serve }) => {
  const first = await serve({ name: 'worker' })
  await client.evaluate(follow, { key: 'worker' })
  const log = () => client.evaluate(() => window.log)
  await expect.poll(log).toContain('open worker')
  await client.evaluate(() => window.socket.send('one'))
  await expect.poll(log).toContain('message one')

  await first.close()
  await expect.poll(log).toContain('disconnected SERVER_GONE')
  expect(await log()).toContain('close 1001 server closing 0')
  expect(await client.evaluate(() => window.socket.readyState)).toBe(0)

  const second = await serve({ name: 'worker' })
  expect(second.port).not.toBe(first.port)
  await expect.poll(async () => (await log()).filter((line) => line === 'open worker').length).toBe(2)
  await client.evaluate(() => window.socket.send('two'))
  await expect.poll(log).toContain('message two')
  expect(await client.evaluate(() => window.socket.url)).toContain(`:${second.port}/`)

  await client.evaluate(() => window.socket.close(4000, 'enough'))
  await expect.poll(log).toContain('close 4000 enough 3')
  expect((await log()).filter((line) => line === 'error')).toEqual([])
})

test('a socket waits for a server that is not there', async ({ client, serve }) => {
  await client.evaluate(follow, { key: 'late' })
  const log = () => client.evaluate(() => window.log)
  await expect.poll(() => client.evaluate(() => window.socket.reason?.code)).toBe('SERVER_GONE')
  expect(await client.evaluate(() => window.socket.readyState)).toBe(0)
  await serve({ name: 'late' })
  await expect.poll(log).toContain('open late')
})

test('a socket that waits says so once, whoever else comes and goes', async ({ client, serve }) => {
  await client.evaluate(follow, { key: 'late' })
  await expect.poll(() => client.evaluate(() => window.socket.reason?.code)).toBe('SERVER_GONE')
  for (const name of ['a', 'b', 'c']) await (await serve({ name })).close()
  await serve({ name: 'late' })
  const log = () => client.evaluate(() => window.log)
  await expect.poll(log).toContain('open late')
  expect(await log()).toEqual(['disconnected SERVER_GONE', 'connecting', 'connected', 'open late'])
})

test('a socket by id is of that server alone, and one by name of the newest', async ({ client, serve }) => {
  const old = await serve({ name: 'twin' })
  const young = await serve({ name: 'twin' })
  const ids = await client.evaluate(async (id) => {
    const client = window.wsyard.createClient()
    const sockets = [client.connect(id), client.connect('twin')]
    await Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.addEventListener('open', resolve))),
    )
    return sockets.map(({ server }) => server?.id)
  }, old.id)
  expect(ids).toEqual([old.id, young.id])
})

test("a name is that of the hub's project, or of the page's if it says so, before a newer one of another", async ({
  client,
  serve,
}) => {
  const directory = join(projectRoot, clientPage) // where this Vite has its root
  const here = { directory, worktree: projectOf(directory) }
  const greet = (text: string) => ({
    onConnection: (socket: { send(text: string): void }) => socket.send(text),
  })
  await serve({ name: 'twin', scope: here, ...greet('here') })
  await serve({
    name: 'twin',
    scope: { directory: '/elsewhere/api', worktree: '/elsewhere' },
    ...greet('elsewhere'),
  })
  await serve({ name: 'twin', scope: { directory: '/other' }, ...greet('newest') })
  const heard = await client.evaluate(async () => {
    const hear = (socket: Pick<WebSocket, 'onmessage'>) =>
      new Promise((resolve) => {
        socket.onmessage = ({ data }: MessageEvent) => resolve(data)
      })
    const asked = window.wsyard.createClient({ scope: '/elsewhere' })
    const byHub = window.wsyard.createClient()
    const sockets = [
      byHub.connect('twin'),
      asked.connect('twin'),
      new WebSocket(`${location.origin.replace('http', 'ws')}/api/registry/twin`),
    ]
    const heard = await Promise.all(sockets.map((socket) => hear(socket as WebSocket)))
    return [...heard, byHub.find('twin')?.scope?.directory, byHub.find('nobody')]
  })
  expect(heard).toEqual(['here', 'elsewhere', 'here', directory, undefined])
})

test('a socket that is not to reconnect ends with its connection', async ({ client, serve }) => {
  const server = await serve({ name: 'once' })
  await client.evaluate(follow, { key: 'once', reconnect: false })
  const log = () => client.evaluate(() => window.log)
  await expect.poll(log).toContain('open once')
  for (const socket of server.clients) socket.close(4321, 'bye')
  await expect.poll(log).toContain('close 4321 bye 3')
  expect(await client.evaluate(() => window.socket.reason)).toEqual({
    code: 'CONNECTION_CLOSED',
    message: '4321 bye',
  })
})

test('a socket comes back to a server that hangs up', async ({ client, serve }) => {
  const server = await serve({ name: 'rude' })
  await client.evaluate(follow, { key: 'rude' })
  const opened = async () =>
    (await client.evaluate(() => window.log)).filter((line) => line === 'open rude').length
  for (const times of [1, 2, 3]) {
    await expect.poll(opened).toBe(times)
    for (const socket of server.clients) socket.terminate()
  }
  await expect.poll(opened).toBe(4)
})

test('the path, a query and subprotocols reach the server, straight and through the hub', async ({
  client,
  serve,
}) => {
  const asked: (string | undefined)[] = []
  await serve({
    name: 'paths',
    path: '/ws?v=2',
    onConnection(socket, { url, headers }) {
      asked.push(`${url} ${headers['sec-websocket-protocol']}`)
      socket.send('hello')
    },
  })
  for (const transport of ['direct', 'relay'] as const)
    for (const path of ['', '?x=1', '/room'])
      await client.evaluate(
        async ({ transport, path }) => {
          const client = window.wsyard.createClient({ transport })
          const socket = client.connect('paths', { path, reconnect: false })
          await new Promise((resolve) => socket.addEventListener('message', resolve))
          client.close()
        },
        { transport, path },
      )
  const paths = ['/ws?v=2', '/ws?v=2&x=1', '/room'].map((path) => `${path} undefined`)
  expect(asked).toEqual([...paths, ...paths])
})

test('where the port cannot be reached from the page, the hub is gone through, and then for all others', async ({
  page,
  client,
  serve,
}) => {
  const servers = [await serve({ name: 'a' }), await serve({ name: 'b' })]
  // As where one port is forwarded from another machine, and the others are not.
  for (const { port } of servers)
    await page.routeWebSocket(`ws://127.0.0.1:${port}/`, (socket) => socket.close({ code: 1011 }))
  const urls = await client.evaluate(async () => {
    const client = window.wsyard.createClient()
    const urls: string[] = []
    for (const name of ['a', 'b']) {
      const socket = client.connect(name)
      await new Promise((resolve) => socket.addEventListener('open', resolve))
      urls.push(new URL(socket.url).pathname)
    }
    return urls
  })
  expect(urls).toEqual(servers.map(({ id }) => `/api/registry/${id}`))
})

test('why there is no connection is told apart', async ({ client, home, serve }) => {
  const refusing = createHttpServer((_request, response) => response.writeHead(403).end())
  const silent = createTcpServer()
  for (const server of [refusing, silent])
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const closed = createTcpServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const [refusingPort, silentPort, closedPort] = [refusing, silent, closed].map(
    (server) => (server.address() as AddressInfo).port,
  )
  await new Promise((resolve) => closed.close(resolve))
  await serve({ name: 'guarded', auth: 'token' })
  const foreign = Object.entries({ refusing: refusingPort, silent: silentPort, closed: closedPort })
  const servers = foreign.map(([id, port]) => ({ id, port, pid: process.pid }))
  writeFileSync(home.indexPath, JSON.stringify({ servers }))
  const reasons = (transport: 'auto' | 'direct', name: string) =>
    client.evaluate(
      async ({ transport, name }) => {
        const client = window.wsyard.createClient({ transport })
        await new Promise<void>((resolve) => client.on('added', ({ id }) => id === 'closed' && resolve()))
        const socket = client.connect(name)
        return await new Promise<string>((resolve) => {
          const look = (): void => {
            const { code = 'CONNECTION_LOST' } = socket.reason ?? {}
            if (code === 'CONNECTION_LOST') return
            client.close()
            resolve(`${socket.connection} ${code}`)
          }
          socket.addEventListener('statechange', look)
          look()
        })
      },
      { transport, name },
    )
  expect(await reasons('direct', 'refusing')).toBe('disconnected PAGE_REFUSED')
  expect(await reasons('direct', 'closed')).toBe('disconnected SERVER_UNREACHABLE')
  expect(await reasons('direct', 'guarded')).toBe('disconnected PAGE_REFUSED')
  expect(await reasons('direct', 'silent')).toBe('unresponsive SERVER_SILENT')
  expect(await reasons('auto', 'refusing')).toBe('disconnected SERVER_ANSWER')
  expect(await reasons('auto', 'closed')).toBe('disconnected SERVER_REFUSED')
  expect(await reasons('auto', 'none')).toBe('disconnected SERVER_GONE')
  refusing.close()
  silent.close()
})

test('after many failures in a row a server is left alone for a while, and says so, until it restarts', async ({
  client,
  serve,
}) => {
  const rude = await serve({ name: 'rude', onConnection: (socket) => socket.close(4400, 'go away') })
  await client.evaluate(follow, { key: 'rude' })
  const rests = () => client.evaluate(() => window.socket.reason?.restMs)
  await expect.poll(rests, { timeout: 60_000 }).toBeGreaterThan(10_000)
  expect(
    await client.evaluate(() =>
      window.wsyard.describeReason(window.socket.reason ?? { code: 'SERVER_GONE' }),
    ),
  ).toMatch(/^It closed the connection\. 4400 go away\. After many failures it is left alone for \d\d s\.$/)
  await rude.close()
  await serve({ name: 'rude' })
  await expect.poll(() => client.evaluate(() => window.socket.connection)).toBe('connected')
})

test('closing a socket that waits, or is connecting, ends it as a browser ends one', async ({
  client,
  serve,
}) => {
  await serve({ name: 'there' })
  const events = await client.evaluate(async () => {
    const client = window.wsyard.createClient()
    const run = async (name: string) => {
      const socket = client.connect(name)
      const events: string[] = [`${socket.readyState}`]
      socket.onerror = () => events.push(`error ${socket.readyState}`)
      const closed = new Promise((resolve) => {
        socket.onclose = ({ code, wasClean }) => {
          events.push(`close ${code} ${wasClean} ${socket.readyState}`)
          resolve(undefined)
        }
      })
      socket.close()
      events.push(`${socket.readyState}`)
      await closed
      return events
    }
    await new Promise((resolve) => client.on('added', resolve))
    return [await run('nobody'), await run('there')]
  })
  const ended = ['0', '2', 'error 3', 'close 1006 false 3']
  expect(events).toEqual([ended, ended])
})

test('a socket that is closed as it says that it is connecting does not connect', async ({
  client,
  serve,
}) => {
  const first = await serve({ name: 'worker' })
  await client.evaluate(follow, { key: 'worker' })
  const log = () => client.evaluate(() => window.log)
  await expect.poll(log).toContain('open worker')
  await client.evaluate(() => {
    window.socket.addEventListener('statechange', () => {
      if (window.socket.connection === 'connecting') window.socket.close()
    })
  })
  await first.close()
  const second = await serve({ name: 'worker' })
  await expect.poll(log).toContain('close 1006  3')
  await client.evaluate(async () => {
    const other = window.wsyard.createClient().connect('worker') // whose handshake comes behind that one
    await new Promise((resolve) => other.addEventListener('open', resolve))
  })
  expect(second.clients.size).toBe(1)
  expect((await log()).filter((line) => line === 'open worker')).toHaveLength(1)
})

test('a worker has a client of its own', async ({ client, serve }) => {
  await serve({ name: 'echo' })
  expect(await client.evaluate(() => window.askWorker())).toBe('hello')
})

testEndingVite(
  'a relayed connection waits while the hub is gone, says so, and is there when the hub is',
  async ({ client, home, serve, vite }) => {
    await serve({ name: 'a' })
    await client.evaluate(follow, { key: 'a', transport: 'relay' as const })
    const connection = () => client.evaluate(() => window.socket.connection)
    await expect.poll(connection).toBe('connected')
    await vite.stop('SIGKILL')
    await expect.poll(() => client.evaluate(() => window.socket.reason?.code)).toBe('HUB_UNREACHABLE')
    const dialled: string[] = []
    client.on('websocket', (socket) => dialled.push(new URL(socket.url()).pathname))
    await client.evaluate(async () => {
      const other = window.wsyard.createClient({ pollMs: 200 })
      let count = 0
      await new Promise<void>((resolve) => other.on('error', () => void (++count === 6 && resolve())))
      other.close()
    })
    expect(dialled.filter((path) => path !== '/api/registry')).toEqual([])
    await startVite(home, 'preview', clientPage, Number(new URL(vite.url).port))
    await expect.poll(connection, { timeout: 12_000 }).toBe('connected')
  },
)

test('a page that has as many sockets as a browser holds is told so', async ({ client, serve }) => {
  const server = await serve({ name: 'a' })
  await client.evaluate(() => {
    const client = window.wsyard.createClient({ transport: 'direct' })
    window.log = []
    for (let count = 0; count < 260; count += 1) {
      const socket = client.connect('a')
      socket.addEventListener('statechange', () => window.log.push(socket.reason?.code ?? socket.connection))
    }
  })
  await expect.poll(() => client.evaluate(() => window.log)).toContain('TOO_MANY_SOCKETS')
  expect(server.clients.size).toBeGreaterThan(200)
})

test('a page that its browser keeps from this machine is told so', async ({ client, home }) => {
  const servers = [{ id: 'away', port: 1, pid: process.pid }]
  writeFileSync(home.indexPath, JSON.stringify({ servers }))
  // As Chromium answers for a page from elsewhere whose user has said no.
  await client.evaluate(() => {
    navigator.permissions.query = async () => ({ state: 'denied' }) as PermissionStatus
  })
  await client.evaluate(follow, { key: 'away', transport: 'direct' as const })
  await expect.poll(() => client.evaluate(() => window.socket.reason?.code)).toBe('BROWSER_BLOCKS')
})

test('a socket of a client that is closed ends as it begins', async ({ client, serve }) => {
  await serve({ name: 'a' })
  const events = await client.evaluate(async () => {
    const client = window.wsyard.createClient()
    await new Promise((resolve) => client.on('added', resolve))
    client.close()
    const socket = client.connect('a')
    const events: string[] = [`${socket.readyState}`]
    socket.onerror = () => events.push('error')
    await new Promise((resolve) => {
      socket.onclose = ({ code }) => resolve(events.push(`close ${code} ${socket.readyState}`))
    })
    return events
  })
  expect(events).toEqual(['2', 'error', 'close 1006 3'])
})
