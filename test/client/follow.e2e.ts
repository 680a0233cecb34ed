/** What a page knows of the servers, and how it hears of changes. */
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from './fixtures.js'

declare global {
  interface Window {
    told: unknown[]
    following: ReturnType<typeof window.wsyard.createClient>
  }
}

/** Of the page, for its hub. */
const pushSocket = /\/api\/registry(\?|$)/

test('a client has the servers of the hub of its own origin, and tells what comes, changes and goes', async ({
  client,
  serve,
}) => {
  const early = await serve({ name: 'early', meta: { role: 'first' } })
  await client.evaluate(() => {
    window.told = []
    const client = window.wsyard.createClient()
    window.following = client
    client.on('added', ({ name }) => window.told.push(`added ${name}`))
    client.on('removed', ({ name }, reason) => window.told.push(`removed ${name}: ${reason}`))
    client.on('status', (status) => window.told.push(status))
    client.on('error', ({ code }) => window.told.push(code))
  })
  const told = () => client.evaluate(() => window.told)
  await expect.poll(told).toContain('added early')
  const servers = () => client.evaluate(() => window.following.servers)
  expect(await servers()).toMatchObject([
    { id: early.id, port: early.port, meta: { role: 'first' }, state: 'up', connection: 'disconnected' },
  ])
  const late = await serve({ name: 'late' })
  await expect.poll(told).toContain('added late')
  await early.close()
  await expect.poll(told).toContain('removed early: deregistered')
  expect(await servers()).toMatchObject([{ id: late.id }])
  expect(await client.evaluate(() => window.following.status)).toBe('live')
  expect((await told()).filter((line) => String(line).startsWith('WSYARD'))).toEqual([])
})

test('a page is pushed 10,000 servers, and then what changes', async ({ client, home, serve }) => {
  const meta = { text: 'x'.repeat(400) }
  const servers = Array.from({ length: 10_000 }, (_, index) => ({
    id: `worker-${index}`,
    port: 1 + index,
    pid: process.pid,
    startedAt: new Date(index).toISOString(),
    meta,
  }))
  mkdirSync(home.path, { recursive: true })
  writeFileSync(home.indexPath, JSON.stringify({ servers }))
  const last = await client.evaluate(async () => {
    const client = window.wsyard.createClient()
    window.following = client
    const isLive = () => client.status === 'live' && client.servers.length === 10_000
    while (!isLive()) await new Promise((resolve) => client.on('change', () => resolve(undefined)))
    return client.servers.at(-1)
  })
  expect(last).toMatchObject({ ...servers.at(-1), state: 'up' })
  const { id } = await serve({ name: 'late' })
  const ids = () => client.evaluate(() => window.following.servers.slice(9999).map((server) => server.id))
  await expect.poll(ids).toEqual(['worker-9999', id])
})

test('the list is the same array until something in it changes', async ({ client, serve }) => {
  await serve({ name: 'a' })
  const same = await client.evaluate(async () => {
    const client = window.wsyard.createClient()
    await new Promise((resolve) => client.on('added', resolve))
    const [before, after] = [client.servers, client.servers]
    return [before === after, before[0] === after[0]]
  })
  expect(same).toEqual([true, true])
})

test('iterating gives what is there, then every change, until the client is closed', async ({
  client,
  serve,
}) => {
  await serve({ name: 'a' })
  await client.evaluate(async () => {
    window.told = []
    const client = window.wsyard.createClient()
    window.following = client
    await new Promise((resolve) => client.on('added', resolve))
    void (async () => {
      for await (const change of client) window.told.push(`${change.type} ${change.server.name}`)
      window.told.push('end')
    })()
  })
  const told = () => client.evaluate(() => window.told)
  const b = await serve({ name: 'b' })
  await expect.poll(told).toEqual(['added a', 'added b'])
  await b.close()
  await expect.poll(told).toEqual(['added a', 'added b', 'removed b'])
  await client.evaluate(() => window.following.close())
  await expect.poll(told).toEqual(['added a', 'added b', 'removed b', 'end'])
})

test('an iteration that is left takes its listeners with it', async ({ client, serve }) => {
  await serve({ name: 'a' })
  expect(
    await client.evaluate(async () => {
      for await (const change of window.wsyard.createClient()) return change.type
    }),
  ).toBe('added')
})

test('a signal closes the client, before or after', async ({ client, serve }) => {
  await serve({ name: 'a' })
  const told = await client.evaluate(async () => {
    const told: string[] = []
    const controller = new AbortController()
    const client = window.wsyard.createClient({ signal: controller.signal })
    client.on('close', () => told.push('closed'))
    await new Promise((resolve) => client.on('added', resolve))
    const socket = client.connect('a')
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    const ended = new Promise((resolve) => socket.addEventListener('close', resolve))
    controller.abort()
    await ended
    told.push(`${socket.readyState}`)
    const late = window.wsyard.createClient({ signal: controller.signal })
    for await (const change of late) told.push(change.type)
    return told
  })
  expect(told).toEqual(['closed', '3'])
})

test('options that make no sense are refused, with the value', async ({ client }) => {
  const messages = await client.evaluate(() => {
    const wrong = [
      { hub: 'localhost:5173' },
      { hub: 'http://localhost:5173/' },
      { pollMs: 1 },
      { pollMs: Number.NaN },
      { maxHandshakes: 0 },
      { transport: 'tunnel' as 'relay' },
    ]
    return wrong.map((options) => {
      try {
        window.wsyard.createClient(options).close()
        return 'accepted'
      } catch (error) {
        return `${error}`
      }
    })
  })
  expect(messages).toEqual([
    expect.stringMatching(/^TypeError: hub .*"localhost:5173"/),
    expect.stringMatching(/^TypeError: hub .*"http:\/\/localhost:5173\/"/),
    expect.stringMatching(/^TypeError: pollMs .*1/),
    expect.stringMatching(/^TypeError: pollMs .*NaN/),
    expect.stringMatching(/^TypeError: maxHandshakes .*0/),
    expect.stringMatching(/^TypeError: transport .*"tunnel"/),
  ])
})

test('a listener that throws takes nothing from the others', async ({ page, vite, serve }) => {
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  await page.goto(vite.url)
  await page.waitForFunction(() => 'wsyard' in window)
  await serve({ name: 'a' })
  const name = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const client = window.wsyard.createClient()
        client.on('added', () => {
          throw new Error('own defect')
        })
        client.on('added', (server) => resolve(server.name))
      }),
  )
  expect(name).toBe('a')
  await expect.poll(() => errors).toEqual(['own defect'])
})

test('a push that ends goes on where it was', async ({ client, serve }) => {
  const asked: string[] = []
  const said: string[] = []
  let cut = (): void => {}
  await client.route(pushSocket, () => {}) // which leaves unanswered what is asked beside it
  await client.routeWebSocket(pushSocket, (socket) => {
    asked.push(new URL(socket.url()).search)
    const hub = socket.connectToServer()
    hub.onMessage((message) => {
      said.push(JSON.parse(`${message}`).type)
      socket.send(message)
    })
    cut = () => void Promise.all([hub.close(), socket.close()])
  })
  await serve({ name: 'a' })
  await client.evaluate(() => {
    window.told = []
    window.following = window.wsyard.createClient()
    window.following.on('added', ({ name }) => void window.told.push(`added ${name}`))
    window.following.on('removed', ({ name }) => void window.told.push(`removed ${name}`))
  })
  const told = () => client.evaluate(() => window.told)
  await expect.poll(told).toEqual(['added a'])
  cut()
  await serve({ name: 'b' })
  await expect.poll(told).toEqual(['added a', 'added b'])
  expect(asked).toEqual(['', expect.stringMatching(/^\?epoch=\w.*&revision=\d+$/)])
  expect(said.filter((type) => type === 'snapshot')).toHaveLength(1)
})

for (const push of ['ends', 'says nothing'])
  test(`a push that ${push} begins anew where the hub was asked instead`, async ({ client, serve }) => {
    const asked: string[] = []
    let isAway = false
    let cut = (): void => {}
    await client.routeWebSocket(pushSocket, (socket) => {
      const { search } = new URL(socket.url())
      asked.push(search)
      if (isAway && (search !== '' || push === 'ends')) return void (push === 'ends' && socket.close())
      const hub = socket.connectToServer()
      cut = () => void Promise.all([hub.close(), socket.close()])
    })
    await serve({ name: 'a' })
    await client.evaluate(() => {
      window.told = []
      window.following = window.wsyard.createClient({ pollMs: 200 })
      window.following.on('status', (status) => void window.told.push(status))
    })
    const state = () => client.evaluate(() => [window.following.status, window.following.servers.length])
    await expect.poll(state).toEqual(['live', 1])
    isAway = true
    cut()
    await serve({ name: 'b' })
    await expect.poll(() => client.evaluate(() => window.told)).toContain('polling')
    isAway = false
    await expect.poll(state).toEqual(['live', 2])
    expect(asked[1]).toMatch(/^\?epoch=/)
    expect(asked.at(-1)).toBe('')
  })

test('where the push socket opens and says nothing, the hub is asked meanwhile', async ({
  client,
  serve,
}) => {
  await client.routeWebSocket(pushSocket, () => {}) // which opens it, with nobody at the other end
  await serve({ name: 'a' })
  await client.evaluate(() => {
    window.following = window.wsyard.createClient({ pollMs: 200 })
  })
  const state = () => client.evaluate(() => [window.following.status, window.following.servers.length])
  await expect.poll(state).toEqual(['polling', 1])
  await serve({ name: 'b' })
  await expect.poll(state).toEqual(['polling', 2])
})

test('an answer that breaks off is told as none, and stays to be read until there is one', async ({
  client,
  home,
}) => {
  let isBroken = true
  const hub = createHttpServer((_request, response) => {
    const body = JSON.stringify({ servers: [] })
    response.writeHead(200, { 'access-control-allow-origin': '*', 'content-length': body.length })
    if (isBroken) response.write(body.slice(0, 5), () => void response.destroy())
    else response.end(body)
  }).listen(0, '127.0.0.1')
  home.onCleanUp(() => {
    hub.close()
  })
  await once(hub, 'listening')
  const { port } = hub.address() as AddressInfo
  await client.evaluate((hub) => {
    window.following = window.wsyard.createClient({ hub, pollMs: 200 })
  }, `http://127.0.0.1:${port}`)
  const state = () => client.evaluate(() => [window.following.status, window.following.error?.code])
  await expect.poll(state).toEqual(['lost', 'WSYARD_ERR_HUB_UNREACHABLE'])
  isBroken = false
  await expect.poll(state).toEqual(['polling', undefined])
})

test('however much happens, those that render hear of it once a frame', async ({ client, serve }) => {
  for (let count = 0; count < 40; count += 1) await serve({ name: `server-${count}` })
  const { changes, events, frames, ms } = await client.evaluate(async () => {
    const seen = { changes: 0, events: 0, frames: 0, ms: performance.now() }
    const count = (): void => {
      seen.frames += 1
      requestAnimationFrame(count)
    }
    requestAnimationFrame(count)
    const client = window.wsyard.createClient()
    for (const event of ['added', 'updated', 'status'] as const)
      client.on(event, () => {
        seen.events += 1
      })
    const allConnected = new Promise<void>((resolve) => {
      client.on('change', () => {
        seen.changes += 1
        const connected = client.servers.filter(({ connection }) => connection === 'connected')
        if (connected.length === 40) resolve()
      })
    })
    client.connectAll()
    await allConnected
    return { ...seen, ms: performance.now() - seen.ms }
  })
  expect(events).toBeGreaterThanOrEqual(121) // found, connecting, connected; and live
  expect(changes).toBeLessThanOrEqual(frames + 1 + ms / 250)
  expect(changes).toBeLessThan(events)
})

test('a page that has no frames, as nobody sees it, still hears of changes', async ({ client, serve }) => {
  await client.evaluate(() => {
    window.requestAnimationFrame = () => 0
    window.told = []
    const client = window.wsyard.createClient()
    client.on('change', () => void window.told.push(client.servers.length))
  })
  await serve({ name: 'a' })
  await expect.poll(() => client.evaluate(() => window.told.at(-1))).toBe(1)
})
