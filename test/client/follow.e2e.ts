/** What a page knows of the servers, and how it hears of changes. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { expect, test } from './fixtures.js'

declare global {
  interface Window {
    told: unknown[]
    following: ReturnType<typeof window.wsyard.createClient>
  }
}

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
    while (!isLive()) await new Promise((resolve) => client.on('status', resolve))
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
