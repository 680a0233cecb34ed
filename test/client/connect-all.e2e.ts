/** A socket to every server at once. */
import { expect, test } from './fixtures.js'

declare global {
  interface Window {
    all: ReturnType<typeof window.wsyard.createClient>
    heard: string[]
  }
}

test('every server that matches is connected to, as it comes, and is sent to', async ({ client, serve }) => {
  await serve({ name: 'a', meta: { role: 'worker' } })
  await serve({ name: 'b', meta: { role: 'boss' } })
  await client.evaluate(() => {
    window.heard = []
    const client = window.wsyard.createClient<{ meta: { role: string } }>()
    client.on('message', ({ name }, data) => window.heard.push(`${name}: ${data}`))
    client.connectAll({ filter: ({ meta }) => meta.role === 'worker' })
    window.all = client as unknown as typeof window.all
  })
  const states = () =>
    client.evaluate(() => window.all.servers.map(({ name, connection }) => `${name} ${connection}`).sort())
  await expect.poll(states).toEqual(['a connected', 'b disconnected'])
  await serve({ name: 'c', meta: { role: 'worker' } })
  await expect.poll(states).toEqual(['a connected', 'b disconnected', 'c connected'])
  const sent = await client.evaluate(() => window.all.broadcast('hello').map(({ name }) => name))
  expect(sent.sort()).toEqual(['a', 'c'])
  await expect.poll(() => client.evaluate(() => window.heard.sort())).toEqual(['a: hello', 'c: hello'])
})

test('another call replaces the first, and its undo leaves the servers listed', async ({ client, serve }) => {
  const servers = [await serve({ name: 'a' }), await serve({ name: 'b' })]
  await client.evaluate(() => {
    window.all = window.wsyard.createClient()
    window.all.connectAll()
  })
  const connected = () => servers.map(({ clients }) => clients.size)
  await expect.poll(connected).toEqual([1, 1])
  await client.evaluate(() => {
    const undo = window.all.connectAll({ filter: ({ name }) => name === 'a' })
    Object.assign(window, { undo })
  })
  await expect.poll(connected).toEqual([1, 0])
  const undone = await client.evaluate(() => {
    ;(window as unknown as { undo: () => void }).undo()
    return window.all.servers.map(({ connection }) => connection)
  })
  expect(undone).toEqual(['disconnected', 'disconnected'])
  await expect.poll(connected).toEqual([0, 0])
})

test('another call keeps the connections that it wants as well, and the undo of the first does nothing then', async ({
  client,
  serve,
}) => {
  const servers = [await serve({ name: 'a' }), await serve({ name: 'b' }), await serve({ name: 'c' })]
  let closed = 0
  const connected = () => servers.map(({ clients }) => clients.size)
  await client.evaluate(() => {
    window.all = window.wsyard.createClient()
    Object.assign(window, { first: window.all.connectAll({ filter: ({ name }) => name !== 'c' }) })
  })
  await expect.poll(connected).toEqual([1, 1, 0])
  for (const { clients } of servers) for (const socket of clients) socket.once('close', () => (closed += 1))
  await client.evaluate(() => {
    window.all.connectAll({ filter: ({ name }) => name !== 'b' })
    ;(window as unknown as { first: () => void }).first()
  })
  await expect.poll(connected).toEqual([1, 0, 1])
  expect(closed).toBe(1)
})

test('a listener may call again in the middle of a call, and the newest filter counts', async ({
  client,
  serve,
}) => {
  const servers = [await serve({ name: 'a' }), await serve({ name: 'b' }), await serve({ name: 'c' })]
  await client.evaluate(() => {
    window.all = window.wsyard.createClient()
    let isFirst = true
    window.all.on('updated', () => {
      if (isFirst) window.all.connectAll({ filter: ({ name }) => name === 'c' })
      isFirst = false
    })
    window.all.connectAll()
  })
  await expect.poll(() => servers.map(({ clients }) => clients.size)).toEqual([0, 0, 1])
})

test('a listener may connect again while it hears that all are disconnected', async ({ client, serve }) => {
  const servers = [await serve({ name: 'a' }), await serve({ name: 'b' })]
  const connected = () => servers.map(({ clients }) => clients.size)
  await client.evaluate(() => {
    window.all = window.wsyard.createClient()
    Object.assign(window, { undo: window.all.connectAll() })
  })
  await expect.poll(connected).toEqual([1, 1])
  const reached = await client.evaluate(async () => {
    let isFirst = true
    window.all.on('updated', ({ connection }) => {
      if (isFirst && connection === 'disconnected') {
        isFirst = false
        window.all.connectAll({ filter: ({ name }) => name === 'a' })
      }
    })
    const isConnected = new Promise<void>((resolve) => {
      window.all.on('updated', ({ connection }) => connection === 'connected' && resolve())
    })
    ;(window as unknown as { undo: () => void }).undo()
    await isConnected
    return window.all.broadcast('hello').map(({ name }) => name)
  })
  expect(reached).toEqual(['a'])
  await expect.poll(connected).toEqual([1, 0])
})

test('a message can go to some of them, and a server says which way its connection goes', async ({
  client,
  serve,
}) => {
  await serve({ name: 'a' })
  await serve({ name: 'b', auth: 'token' })
  await client.evaluate(() => {
    window.heard = []
    window.all = window.wsyard.createClient()
    window.all.on('message', ({ name }, data) => window.heard.push(`${name}: ${data}`))
    window.all.connectAll()
  })
  const ways = () =>
    client.evaluate(() => window.all.servers.map(({ name, transport }) => `${name} ${transport}`).sort())
  await expect.poll(ways).toEqual(['a direct', 'b relay'])
  const sent = await client.evaluate(() =>
    window.all.broadcast('hello', { filter: ({ name }) => name === 'b' }).map(({ name }) => name),
  )
  expect(sent).toEqual(['b'])
  await expect.poll(() => client.evaluate(() => window.heard)).toEqual(['b: hello'])
  await client.evaluate(() => window.all.connectAll({ filter: () => false }))
  expect(await ways()).toEqual(['a undefined', 'b undefined'])
})

test('a server that a filter fails for is left out, and the page hears of its defect', async ({
  page,
  vite,
  serve,
}) => {
  const errors = new Set<string>()
  page.on('pageerror', ({ message }) => errors.add(message))
  const servers = [await serve({ name: 'a' }), await serve({ name: 'b' })]
  await page.goto(vite.url)
  await page.waitForFunction(() => 'wsyard' in window)
  await page.evaluate(() => {
    window.all = window.wsyard.createClient()
    window.all.connectAll({
      filter({ name }) {
        if (name === 'a') throw new Error('to connect to')
        return true
      },
    })
  })
  await expect.poll(() => servers.map(({ clients }) => clients.size)).toEqual([0, 1])
  const reached = await page.evaluate(() => {
    window.all.connectAll()
    return window.all.broadcast('hello', {
      filter() {
        throw new Error('to send to')
      },
    }).length
  })
  expect(reached).toBe(0)
  await expect.poll(() => [...errors].sort()).toEqual(['to connect to', 'to send to'])
  await expect.poll(() => servers.map(({ clients }) => clients.size)).toEqual([1, 1])
})

test('a page that needs no sockets of its own has a lighter client', async ({ client, serve }) => {
  await serve({ name: 'a' })
  const found = await client.evaluate(async () => {
    const lite = window.wsyard.createLiteClient()
    lite.connectAll()
    await new Promise<void>((resolve) => {
      lite.on('updated', ({ connection }) => connection === 'connected' && resolve())
    })
    return { names: lite.servers.map(({ name }) => name), hasConnect: 'connect' in lite }
  })
  expect(found).toEqual({ names: ['a'], hasConnect: false })
})

test('no more handshakes are under way than were allowed', async ({ client, serve }) => {
  for (let count = 0; count < 30; count += 1) await serve({ name: `server-${count}` })
  const { most, connected } = await client.evaluate(async () => {
    let pending = 0
    let most = 0
    const Native = WebSocket
    window.WebSocket = class extends Native {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols)
        if (String(url).includes('/api/registry')) return
        pending += 1
        most = Math.max(most, pending)
        this.addEventListener('open', () => {
          pending -= 1
        })
      }
    }
    const client = window.wsyard.createClient({ maxHandshakes: 3 })
    client.connectAll()
    await new Promise<void>((resolve) => {
      client.on('updated', () => {
        if (
          client.servers.length === 30 &&
          client.servers.every(({ connection }) => connection === 'connected')
        )
          resolve()
      })
    })
    return { most, connected: client.servers.length }
  })
  expect(connected).toBe(30)
  expect(most).toBe(3)
})

test('a page that closes its client leaves no socket behind', async ({ client, serve }) => {
  const servers = [await serve({ name: 'a' }), await serve({ name: 'b' })]
  await client.evaluate(() => {
    window.all = window.wsyard.createClient()
    window.all.connectAll()
    window.all.connect('a')
  })
  const connected = () => servers.map(({ clients }) => clients.size)
  await expect.poll(connected).toEqual([2, 1])
  await client.evaluate(() => {
    window.all.close()
    window.all.close()
  })
  await expect.poll(connected).toEqual([0, 0])
})
