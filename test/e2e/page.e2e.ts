/** What else a person sees on the page: when something is wrong, when there is nothing, and when somebody is hostile. */
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import type { Page, WebSocketRoute } from '@playwright/test'
import { WebSocketServer } from 'ws'
import { indexIdsOrNone } from '../support/index-file.js'
import { cardOf, expect, test } from './fixtures.js'

test('an empty registry shows what to do, with a command to copy', async ({ page, context, url }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto(url)
  await expect(page.getByText('No servers are running')).toBeVisible()
  await page.getByRole('button', { name: 'Copy' }).click()
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('createServer')
  await expect(page.getByRole('button', { name: 'Send Test Message' })).toBeDisabled()
})

test('the page keeps its servers, and their sockets, while servers.json is deleted, emptied and garbled', async ({
  home,
  page,
  startServer,
  url,
}) => {
  const servers = await Promise.all([startServer(), startServer(), startServer()])
  await page.goto(url)
  await expect(page.getByText('3 connected')).toBeVisible()
  let closed = 0
  page.on('websocket', (socket) => socket.on('close', () => (closed += 1)))

  for (const damage of [rmSync, truncateSync, (path: string) => writeFileSync(path, 'garbage')]) {
    damage(home.indexPath)
    const answer = page.waitForResponse((response) => response.url().endsWith('/api/registry'))
    await page.getByRole('button', { name: 'Refresh' }).click()
    expect((await answer).status()).toBe(200)
    await expect(page.getByRole('heading', { name: 'Found 3 servers' })).toBeVisible()
    for (const server of servers) await expect(cardOf(page, server)).toContainText('Connected')
    await expect.poll(() => indexIdsOrNone(home.indexPath)).toEqual(servers.map(({ id }) => id).sort())
  }
  expect(closed).toBe(0)
})

test('a registry that cannot be read is said so, with the file and the next step, and what is open goes on', async ({
  home,
  page,
  startServer,
  url,
}) => {
  const server = await startServer()
  await page.goto(url)
  await expect(cardOf(page, server)).toContainText('Connected')
  rmSync(home.indexPath)
  mkdirSync(home.indexPath)
  await expect(page.getByRole('alert')).toContainText(home.indexPath)
  await expect(page.getByRole('alert')).toContainText('Move it away')
  await expect(page.getByText('Registry lost')).toBeVisible()
  await page.getByRole('button', { name: 'Send Test Message' }).click()
  await expect(page.getByRole('log')).toContainText(`[${server.id}] Echo: Hello from browser!`)
  rmSync(home.indexPath, { recursive: true })
  await expect(page.getByRole('alert')).toHaveCount(0)
  await expect(page.getByText('Hub live')).toBeVisible()
})

/** Puts a switch between a page and its hub. */
async function hubOf(page: Page) {
  const path = /\/api\/registry(\?|$)/
  const open = new Set<WebSocketRoute>()
  let isAway = false
  await page.routeWebSocket(path, async (socket) => {
    if (isAway) return socket.close()
    socket.connectToServer()
    open.add(socket)
  })
  return {
    async goAway() {
      isAway = true
      await page.route(path, (route) => route.abort())
      for (const socket of open) await socket.close()
    },
    async comeBack() {
      isAway = false
      await page.unroute(path)
    },
  }
}

test('a hub that goes away is said so, and the page finds it when it is back', async ({
  page,
  startServer,
  url,
}) => {
  const server = await startServer()
  const hub = await hubOf(page)
  await page.goto(url)
  await expect(cardOf(page, server)).toContainText('Connected')
  await hub.goAway()
  await expect(page.getByRole('alert')).toContainText('does not answer')
  await expect(cardOf(page, server)).toContainText('Connected')
  await hub.comeBack()
  await expect(page.getByRole('alert')).toHaveCount(0)
  const second = await startServer()
  await expect(cardOf(page, second)).toContainText('Connected')
})

test('hostile ids, names, meta and messages are text or nothing, never markup', async ({
  home,
  page,
  url,
}) => {
  const markup = '<img src=x onerror="window.owned = true"><script>window.owned = true</script>'
  const hostile = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => hostile.once('listening', resolve))
  home.onCleanUp(() => hostile.close())
  hostile.on('connection', (socket) => socket.send(markup))
  const address = hostile.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const line = {
    id: 'hostile',
    port,
    pid: process.pid,
    startedAt: '2026-01-03T17:42:03.456Z',
    name: markup,
    meta: { markup },
  }
  const others = [
    { ...line, id: markup },
    { ...line, id: '__proto__' },
    { ...line, id: 'constructor', host: '1@evil.test' },
  ]
  mkdirSync(home.path, { recursive: true })
  writeFileSync(home.indexPath, JSON.stringify({ servers: [...others, line] }))

  await page.goto(url)
  await expect(cardOf(page, line)).toContainText('Connected')
  await expect(page.getByRole('heading', { name: 'Found 2 servers' })).toBeVisible()
  await expect(page.getByRole('log').getByText(markup).first()).toBeVisible()
  expect(await page.evaluate(() => 'owned' in window)).toBe(false)
})

test('a server whose port nothing answers is shown disconnected with the reason, and the others are connected', async ({
  home,
  page,
  startServer,
  url,
}) => {
  const server = await startServer()
  const silent = { id: 'silent', port: 1, pid: process.pid }
  writeFileSync(home.indexPath, JSON.stringify({ servers: [silent] }))
  await page.goto(url)
  await expect(cardOf(page, server)).toContainText('Connected')
  await expect(cardOf(page, silent)).toContainText('Disconnected')
  await expect(cardOf(page, silent)).toContainText('cannot be reached: connect ECONNREFUSED')
  await expect(cardOf(page, silent)).toContainText('unknown')
})
