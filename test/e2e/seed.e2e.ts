/**
 * The discovery spike that wsyard grew from, line by line: one test for each step of its usage and for each of its
 * success criteria, with its own words as the title. Run on the dev server and on the preview of the built page.
 */
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { listening, startProcess, startSpikeServer } from '../support/processes.js'
import { cardOf, expect, test } from './fixtures.js'

const readIndex = (path: string): { servers: Record<string, unknown>[] } =>
  JSON.parse(readFileSync(path, 'utf8'))

test.describe('Usage', () => {
  test('Step 1: "npm run dev. This starts Vite on http://localhost:5173"', async ({ home, page }) => {
    const dev = home.own(
      startProcess('npm', ['run', 'dev'], { env: { SHIPYARD_HOME: home.path, NO_COLOR: '1' }, group: true }),
    )
    const [, url = '', port] = await dev.printed(/Local:\s+(http:\/\/localhost:(\d+)\/)/)
    if (port !== '5173') expect(dev.output()).toContain('Port 5173 is in use, trying another one')
    await page.goto(url)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Found 0 servers')
    await dev.stop('SIGINT')
  })

  test('Step 2: "Start on a random port; Register itself; Log: [server-xxx] WebSocket server listening on port 54321"', async ({
    home,
  }) => {
    const env = { SHIPYARD_HOME: home.path }
    const start = () =>
      listening(home.own(startProcess('npm', ['run', '--silent', 'server'], { env, group: true })))
    const servers = await Promise.all([start(), start(), start()])
    expect(new Set(servers.map(({ port }) => port)).size).toBe(3)
    for (const { id } of servers) expect(id).toMatch(/^server-\d+-[a-z0-9]+$/)
    const { servers: entries } = readIndex(home.indexPath)
    expect(entries.map(({ id }) => id).sort()).toEqual(servers.map(({ id }) => id).sort())
    await Promise.all(servers.map((server) => server.stop('SIGINT')))
    expect(readIndex(home.indexPath)).toEqual({ servers: [] })
  })

  test('Step 3: "You should see: Found 3 servers; a card for each server showing Server ID, Port number, PID, Connection status; all servers should show Connected status"', async ({
    page,
    startServer,
    url,
  }) => {
    const servers = await Promise.all([startServer(), startServer(), startServer()])
    await page.goto(url)
    await expect(page.getByRole('heading', { name: 'Found 3 servers' })).toBeVisible()
    for (const server of servers) {
      const card = cardOf(page, server)
      await expect(card).toContainText(server.id)
      await expect(card).toContainText(String(server.port))
      await expect(card).toContainText(String(server.pid))
      await expect(card.getByText('Connected', { exact: true })).toBeVisible()
    }
  })

  for (const way of ['Send Test Message', 'press Enter'] as const) {
    test(`Step 4: "Type a message in the input field. Click "Send Test Message" (or press Enter). You should see: Sent: Hello from browser! for each server; Echo responses from each server" (${way})`, async ({
      page,
      startServer,
      url,
    }) => {
      const servers = await Promise.all([startServer(), startServer(), startServer()])
      await page.goto(url)
      await expect(page.getByText('Connected', { exact: true })).toHaveCount(3)
      const field = page.getByRole('textbox')
      await field.fill('Hello from browser!')
      if (way === 'press Enter') await field.press('Enter')
      else await page.getByRole('button', { name: 'Send Test Message' }).click()
      const log = page.getByRole('log')
      await expect(log.getByText('Sent: Hello from browser!', { exact: true })).toHaveCount(3)
      for (const { id } of servers) await expect(log).toContainText(`[${id}] Echo: Hello from browser!`)
    })
  }

  test('Step 5: "Stop one of the servers. That server\'s status should change to Disconnected. Registry should update to show fewer servers (on next refresh)"', async ({
    page,
    startServer,
    url,
  }) => {
    const [stays, goes] = [await startServer(), await startServer()]
    await page.goto(url)
    await expect(page.getByText('Connected', { exact: true })).toHaveCount(2)
    const disconnected = cardOf(page, goes).getByText('Disconnected').waitFor()
    await goes.stop('SIGINT')
    await disconnected
    await expect(page.getByRole('heading', { name: 'Found 1 server', exact: true })).toBeVisible()
    await expect(cardOf(page, goes)).toHaveCount(0)
    await expect(cardOf(page, stays)).toContainText('Connected')
  })

  test('Step 6: "Start a new server instance. Within 5 seconds, the browser should: Detect the new server; Automatically connect to it; Update the status to Connected"', async ({
    page,
    startServer,
    url,
  }) => {
    await page.goto(url)
    await expect(page.getByRole('heading', { name: 'Found 0 servers' })).toBeVisible()
    await page.clock.install()
    const server = await startServer()
    await page.reload()
    await expect(cardOf(page, server)).toContainText('Connected')
    const second = await startServer()
    await page.clock.runFor(5000)
    await expect(cardOf(page, second)).toContainText('Connected')
  })
})

/** As where something between the page and the hub lets no WebSocket through. */
function withoutPush(page: Page): Promise<void> {
  return page.routeWebSocket('**/api/registry', (socket) => socket.close())
}

test.describe('Success criteria', () => {
  test('"Multiple WS servers run on random ports"', async ({ home, startServer }) => {
    const servers = await Promise.all([startServer(), startServer(), startServer()])
    expect(new Set(servers.map(({ port }) => port)).size).toBe(3)
    expect(
      readIndex(home.indexPath)
        .servers.map(({ port }) => port)
        .sort(),
    ).toEqual(servers.map(({ port }) => port).sort())
  })

  test('"Browser fetches registry successfully"', async ({ page, startServer, url }) => {
    const { id } = await startServer()
    await withoutPush(page) // which has told it already what it would fetch
    const answer = page.waitForResponse((response) => response.url().endsWith('/api/registry'))
    await page.goto(url)
    const response = await answer
    expect(response.status()).toBe(200)
    const { servers } = (await response.json()) as { servers: { id: string }[] }
    expect(servers.map((server) => server.id)).toEqual([id])
  })

  test('"Browser connects to ALL servers"', async ({ page, startServer, url }) => {
    const servers = await Promise.all(Array.from({ length: 8 }, () => startServer()))
    await page.goto(url)
    for (const server of servers) await expect(cardOf(page, server)).toContainText('Connected')
    await expect(page.getByText('8 connected')).toBeVisible()
  })

  test('"Shows connected/disconnected status"', async ({ page, startServer, url }) => {
    const server = await startServer()
    await page.goto(url)
    await expect(cardOf(page, server)).toContainText('Connected')
    const disconnected = cardOf(page, server).getByText('Disconnected').waitFor()
    await server.stop('SIGKILL')
    await disconnected
  })

  test('"Registry updates when servers start/stop"', async ({ home, startServer }) => {
    const first = await startServer()
    expect(readIndex(home.indexPath).servers.map(({ id }) => id)).toEqual([first.id])
    const second = await startServer()
    expect(readIndex(home.indexPath).servers.map(({ id }) => id)).toEqual([first.id, second.id])
    await first.stop('SIGTERM')
    expect(readIndex(home.indexPath).servers.map(({ id }) => id)).toEqual([second.id])
    await second.stop('SIGINT')
    expect(readIndex(home.indexPath)).toEqual({ servers: [] })
  })

  test('"Browser auto-discovers new servers (5s polling)"', async ({ page, startServer, url }) => {
    await withoutPush(page)
    await page.clock.install()
    const answers: string[] = []
    page.on('response', (response) => {
      if (response.url().endsWith('/api/registry')) answers.push(response.url())
    })
    await page.goto(url)
    await expect(page.getByRole('heading', { name: 'Found 0 servers' })).toBeVisible()
    await page.clock.pauseAt(Date.now() + 3_600_000)
    await page.waitForLoadState('networkidle')
    const before = answers.length
    const server = await startServer()
    for (const round of [1, 2]) {
      await page.clock.runFor(5000)
      // Those who were lost at once do not come back at once: the pause is 5 s at most, and half of it at least.
      await expect.poll(() => answers.length).toBeGreaterThanOrEqual(before + round)
    }
    await page.clock.resume() // or a socket that opens only now is never drawn: frames stand still as well
    await expect(cardOf(page, server)).toContainText('Connected')
  })

  test('"Can send messages to all connected servers" and "Receives echo responses from all servers"', async ({
    page,
    startServer,
    url,
  }) => {
    const servers = await Promise.all([startServer('--name', 'worker-a'), startServer(), startServer()])
    await page.goto(url)
    await expect(page.getByText('3 connected')).toBeVisible()
    for (const message of ['first', 'second']) {
      await page.getByRole('textbox').fill(message)
      await page.getByRole('button', { name: 'Send Test Message' }).click()
      for (const { id } of servers) {
        await expect(page.getByRole('log')).toContainText(`[${id}] Echo: ${message}`)
      }
    }
  })
})

test.describe('Beside ours', () => {
  test("a server that follows the spike's text literally is found and connected, and leaves when it says so", async ({
    home,
    page,
    startServer,
    url,
  }) => {
    const ours = await Promise.all([startServer(), startServer()])
    const theirs = home.own(await startSpikeServer(home.path))
    await page.goto(url)
    await expect(page.getByRole('heading', { name: 'Found 3 servers' })).toBeVisible()
    await expect(cardOf(page, theirs)).toContainText('Connected')
    await page.getByRole('button', { name: 'Send Test Message' }).click()
    await expect(page.getByRole('log')).toContainText(`[${theirs.id}] Echo: Hello from browser!`)
    await theirs.stop('SIGINT')
    await expect(page.getByRole('heading', { name: 'Found 2 servers' })).toBeVisible()
    for (const server of ours) await expect(cardOf(page, server)).toContainText('Connected')
  })
})
