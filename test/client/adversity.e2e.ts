/** What a page shows, and how it recovers, when something of what it needs is not there. */

import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { startVite } from '../e2e/fixtures.js'
import { clientPage, expect, test, testEndingVite } from './fixtures.js'

declare global {
  interface Window {
    tested: ReturnType<typeof window.wsyard.createClient>
    notes: string[]
  }
}

/** In the page: a client that connects to all, and notes what it is told. */
function begin(options: { pollMs?: number } | undefined) {
  const client = window.wsyard.createClient(options)
  window.tested = client
  window.notes = []
  client.on('status', (status) => window.notes.push(status))
  client.on('error', ({ code }) => window.notes.push(code))
  client.connectAll()
}

testEndingVite(
  'a page with no hub says that it is lost, and finds it when it comes',
  async ({ client, home, serve, vite }) => {
    const { port } = new URL(vite.url)
    const server = await serve({ name: 'a' })
    await vite.stop()
    await client.evaluate(begin, { pollMs: 200 })
    const notes = () => client.evaluate(() => window.notes)
    await expect.poll(notes).toContain('WSYARD_ERR_HUB_UNREACHABLE')
    expect(await client.evaluate(() => [window.tested.status, window.tested.servers.length])).toEqual([
      'lost',
      0,
    ])
    await startVite(home, 'preview', clientPage, Number(port))
    const state = () => client.evaluate(() => [window.tested.status, window.tested.servers[0]?.connection])
    await expect.poll(state).toEqual(['live', 'connected'])
    expect(server.clients.size).toBe(1)
  },
)

testEndingVite(
  'a hub that goes keeps the servers known and connected, and what changed meanwhile is told once',
  async ({ client, home, serve, vite }) => {
    const { port } = new URL(vite.url)
    const stays = await serve({ name: 'stays' })
    const goes = await serve({ name: 'goes' })
    await client.evaluate(begin, { pollMs: 200 })
    const states = () =>
      client.evaluate(() => window.tested.servers.map(({ name, connection }) => `${name} ${connection}`))
    await expect.poll(states).toEqual(['stays connected', 'goes connected'])
    await client.evaluate(() => {
      const { tested, notes } = window
      tested.on('added', ({ name }) => notes.push(`added ${name}`))
      tested.on('removed', ({ name }) => notes.push(`removed ${name}`))
    })
    await vite.stop()
    await expect.poll(() => client.evaluate(() => window.tested.status)).toBe('lost')
    expect(await states()).toEqual(['stays connected', 'goes connected'])
    expect(await client.evaluate(() => window.tested.broadcast('x').length)).toBe(2)
    await goes.close()
    await serve({ name: 'comes' })
    await startVite(home, 'preview', clientPage, Number(port))
    await expect.poll(states).toEqual(['stays connected', 'comes connected'])
    expect(stays.clients.size).toBe(1)
    const changes = (await client.evaluate(() => window.notes)).filter((note) => / /.test(note))
    expect(changes).toEqual(['removed goes', 'added comes'])
  },
)

test('a hub with no servers is live, and the list is empty', async ({ client }) => {
  await client.evaluate(begin, undefined)
  await expect.poll(() => client.evaluate(() => window.tested.status)).toBe('live')
  expect(await client.evaluate(() => window.tested.servers)).toEqual([])
})

test('where the hub cannot push, it is asked at intervals, until it can', async ({ client, serve }) => {
  let isBlocked = true
  await client.routeWebSocket('**/api/registry', (socket) => {
    if (isBlocked) void socket.close()
    else socket.connectToServer()
  })
  await serve({ name: 'a' })
  await client.evaluate(begin, { pollMs: 200 })
  const state = () => client.evaluate(() => [window.tested.status, window.tested.servers.length])
  await expect.poll(state).toEqual(['polling', 1])
  await serve({ name: 'b' })
  await expect.poll(state).toEqual(['polling', 2])
  isBlocked = false
  await expect.poll(state).toEqual(['live', 2])
})

test('a server that never handshakes is unresponsive, and keeps nobody waiting', async ({
  client,
  home,
  serve,
}) => {
  const silent = createTcpServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => silent.once('listening', resolve))
  const { port } = silent.address() as AddressInfo
  const servers = Array.from({ length: 4 }, (_, count) => ({ id: `silent-${count}`, port, pid: process.pid }))
  writeFileSync(home.indexPath, JSON.stringify({ servers }))
  await client.evaluate(begin, undefined)
  const states = () => client.evaluate(() => window.tested.servers.map(({ connection }) => connection).sort())
  await expect.poll(states).toHaveLength(4)
  await serve({ name: 'quick' })
  const quick = () =>
    client.evaluate(() => window.tested.servers.find(({ name }) => name === 'quick')?.connection)
  await expect.poll(quick).toBe('connected')
  await expect.poll(states).toEqual(['connected', ...Array(4).fill('unresponsive')])
  silent.close()
})

test('a server that never handshakes keeps nobody waiting long who goes through the hub too', async ({
  client,
  home,
  serve,
}) => {
  const silent = createTcpServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => silent.once('listening', resolve))
  const { port } = silent.address() as AddressInfo
  writeFileSync(home.indexPath, JSON.stringify({ servers: [{ id: 'silent', port, pid: process.pid }] }))
  await serve({ name: 'good' })
  const states = await client.evaluate(async () => {
    const client = window.wsyard.createClient({ transport: 'relay' })
    await new Promise<void>((resolve) => client.on('added', () => client.servers.length === 2 && resolve()))
    const [silent, good] = [client.connect('silent'), client.connect('good')]
    const failed: string[] = []
    for (const socket of [silent, good])
      socket.addEventListener('statechange', () => {
        if (socket.reason !== undefined)
          failed.push(`${socket.server?.id === 'silent'} ${socket.reason.code}`)
      })
    await new Promise((resolve) => good.addEventListener('open', resolve))
    return failed
  })
  expect(states).toEqual(['true SERVER_SILENT'])
  silent.close()
})

test('a server that sends 50 MB at once is read, and the others go on', async ({ client, serve }) => {
  await serve({ name: 'big', onConnection: (socket) => socket.send(Buffer.alloc(50_000_000, 7)) })
  await serve({ name: 'small' })
  const sizes = await client.evaluate(
    () =>
      new Promise((resolve) => {
        const client = window.wsyard.createClient()
        const sizes: Record<string, number> = {}
        client.on('updated', (server) => {
          if (server.name === 'small' && server.connection === 'connected') client.broadcast('hello')
        })
        client.on('message', ({ name = '' }, data) => {
          sizes[name] = typeof data === 'string' ? data.length : data.byteLength
          if (Object.keys(sizes).length === 2) resolve(sizes)
        })
        client.connectAll()
      }),
  )
  expect(sizes).toEqual({ big: 50_000_000, small: 5 })
})

test('a page that slept looks again when it wakes', async ({ page, vite, serve }) => {
  await page.clock.install()
  const dropped: (() => void)[] = []
  // A connection of before the sleep: nothing comes by it any more, and nothing says so.
  await page.routeWebSocket('**/api/registry', (socket) => {
    const server = socket.connectToServer()
    let isDead = false
    server.onMessage((message) => {
      if (!isDead) socket.send(message)
    })
    dropped.push(() => {
      isDead = true
    })
  })
  await serve({ name: 'before' })
  await page.goto(vite.url)
  await page.waitForFunction(() => 'wsyard' in window)
  await page.evaluate(begin, undefined)
  const names = () => page.evaluate(() => window.tested.servers.map(({ name }) => name))
  await expect.poll(names).toEqual(['before'])
  for (const drop of dropped) drop()
  await serve({ name: 'meanwhile' })
  await page.clock.fastForward('08:00:00')
  await expect
    .poll(async () => {
      await page.clock.runFor(100)
      return names()
    })
    .toEqual(['before', 'meanwhile'])
})

test('a tab that was frozen in the background shows what is there when it comes back', async ({
  client,
  serve,
}) => {
  const first = await serve({ name: 'worker' })
  await client.evaluate(begin, undefined)
  const states = () =>
    client.evaluate(() =>
      [window.tested.status, ...window.tested.servers].map((one) =>
        typeof one === 'string' ? one : `${one.id} ${one.connection}`,
      ),
    )
  await expect.poll(states).toEqual(['live', `${first.id} connected`])
  const devtools = await client.context().newCDPSession(client)
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
  await first.close()
  const second = await serve({ name: 'worker' })
  await devtools.send('Page.setWebLifecycleState', { state: 'active' })
  await expect.poll(states).toEqual(['live', `${second.id} connected`])
})
