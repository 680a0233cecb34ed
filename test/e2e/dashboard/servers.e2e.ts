/** The list of servers: as cards and as a table, filtered, sorted, measured, and leaving. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { cardOf, expect, test } from '../fixtures.js'

const view = (page: Page, name: 'Cards' | 'Table' | 'Timeline') =>
  page.getByRole('group', { name: 'View' }).getByText(name).click()

const rowOf = (page: Page, name: string) =>
  page.getByRole('table', { name: 'Servers' }).getByRole('row').filter({ hasText: name })

/** The names in the table, as they stand there. */
const names = (page: Page) => page.getByRole('table').locator('[role=row] button.name').allTextContents()

test('a card and a row say who it is, where it listens, how it is reached, and how long it takes to answer', async ({
  page,
  serve,
  url,
}) => {
  const server = await serve({ name: 'worker-a', path: '/ws', meta: { role: 'agent', cores: 4 } })
  await page.goto(url)
  const card = cardOf(page, { id: server.registration.id })
  for (const text of [
    'worker-a',
    server.registration.id,
    `${server.port}`,
    `${process.pid}`,
    'Connected',
    'open · direct',
    'role: agent, cores: 4',
  ])
    await expect(card).toContainText(text)
  await expect(card.getByTitle(`127.0.0.1:${server.port}/ws`)).toBeVisible()
  await expect(card).toContainText(/Round trip\d+(\.\d)? ms/)
  await expect(card.locator('.sparkline path')).toHaveAttribute('d', /^M.+L/)
  await view(page, 'Table')
  const row = rowOf(page, 'worker-a')
  for (const text of [`127.0.0.1:${server.port}/ws`, 'open', 'direct', 'role: agent, cores: 4'])
    await expect(row).toContainText(text)
  await page.reload()
  await expect(row, 'the view is remembered').toContainText('Connected')
})

test('a server whose owner has gone is orphaned, and each says where it runs', async ({
  page,
  serve,
  url,
}) => {
  const owner = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
  await once(owner, 'spawn')
  const scope = { directory: '/home/me/app/api', worktree: '/home/me/app', branch: 'feature' }
  const server = await serve({ name: 'left-behind', owner: Number(owner.pid), scope })
  await serve({ name: 'other' })
  await page.goto(url)
  const card = cardOf(page, { id: server.registration.id })
  await expect(card).toContainText('Connected')
  owner.kill('SIGKILL')
  await expect(card).toContainText('It runs on, though the process that it was started for has gone.')
  await page.getByLabel('State').selectOption('orphaned')
  await expect(page.locator('.card')).toHaveCount(1)
  await card.getByRole('button', { name: 'left-behind' }).click()
  await expect(page.locator('.details')).toContainText('/home/me/app/api (feature)')
})

test('servers of one name say in which worktree they are, for as long as there is more than one', async ({
  page,
  serve,
  url,
}) => {
  const inTree = (worktree: string, branch: string) => ({ directory: `${worktree}/api`, worktree, branch })
  const first = await serve({ name: 'api', scope: inTree('/home/me/shop', 'main') })
  const other = await serve({ name: 'api', scope: inTree('/home/me/shop-login', 'feature/login') })
  await serve({ name: 'alone', scope: inTree('/home/me/shop', 'main') })
  await page.goto(url)
  const places = page.locator('.where')
  await expect(cardOf(page, { id: first.id }).getByRole('heading')).toHaveText('apishop (main)')
  await expect(cardOf(page, { id: other.id }).getByTitle('/home/me/shop-login/api')).toHaveText(
    'shop-login (feature/login)',
  )
  await expect(places).toHaveCount(2)
  await view(page, 'Table')
  await expect(places).toHaveText(['shop (main)', 'shop-login (feature/login)'])
  await page.getByRole('searchbox', { name: 'Filter servers' }).fill('branch:login')
  await expect(places).toHaveText(['shop-login (feature/login)'])
  await first.close()
  await expect(places).toHaveCount(0)
})

test('messages in and out are counted by the second', async ({ page, serve, url }) => {
  await serve({
    name: 'ticker',
    onConnection(socket) {
      const timer = setInterval(() => socket.send('tick'), 20)
      socket.on('close', () => clearInterval(timer))
    },
  })
  await page.goto(url)
  await expect(page.getByTitle('Messages received in the last second')).toHaveText(/↓ [2-5]\d\/s received/)
})

test('servers are found by words, by fields and by meta, and by state', async ({ page, serve, url }) => {
  await serve({ name: 'alpha', meta: { role: 'agent' } })
  await serve({ name: 'beta', meta: { role: 'worker' }, auth: 'token' })
  await page.goto(url)
  await view(page, 'Table')
  await expect.poll(() => names(page)).toEqual(['alpha', 'beta'])
  const filter = page.getByRole('searchbox', { name: 'Filter servers' })
  for (const [text, found] of [
    ['ALP', ['alpha']],
    ['role:worker', ['beta']],
    ['auth:token', ['beta']],
    ['agent open', ['alpha']],
    ['a', ['alpha', 'beta']],
  ] as const) {
    await filter.fill(text)
    await expect.poll(() => names(page)).toEqual(found)
  }
  await filter.fill('nobody')
  await page.getByRole('button', { name: 'Show all 2' }).click()
  await expect.poll(() => names(page)).toEqual(['alpha', 'beta'])
  await page.getByLabel('State').selectOption('disconnected')
  await expect(page.getByText('No server matches')).toBeVisible()
})

test('servers stand by name, and the table by the head that is clicked, and back', async ({
  page,
  serve,
  url,
}) => {
  for (const name of ['worker-10', 'Alpha', 'worker-2']) await serve({ name })
  await page.goto(url)
  await view(page, 'Table')
  await expect.poll(() => names(page)).toEqual(['Alpha', 'worker-2', 'worker-10'])
  const name = page.getByRole('columnheader', { name: 'Name' })
  await expect(name).toHaveAttribute('aria-sort', 'ascending')
  await name.getByRole('button').click()
  await expect.poll(() => names(page)).toEqual(['worker-10', 'worker-2', 'Alpha'])
  await expect(name).toHaveAttribute('aria-sort', 'descending')
  const start = page.getByRole('columnheader', { name: 'Up' })
  await start.getByRole('button').click()
  await expect.poll(() => names(page)).toEqual(['worker-10', 'Alpha', 'worker-2'])
  await expect(start).toHaveAttribute('aria-sort', 'ascending')
  await expect(name).toHaveAttribute('aria-sort', 'none')
})

test('one that is restarted keeps its place, and no other moves', async ({
  page,
  serve,
  startServer,
  url,
}) => {
  await serve({ name: 'a' })
  const before = await startServer('--name', 'b')
  await serve({ name: 'c' })
  await page.goto(url)
  const cards = page.locator('.card h3 button')
  await expect(cards).toHaveText(['a', 'b', 'c'])
  await before.stop('SIGKILL')
  await expect(page.locator('.card.gone')).toBeVisible()
  const after = await startServer('--name', 'b')
  await expect(cardOf(page, after)).toContainText('Connected')
  await expect(cards).toHaveText(['a', 'b', 'b', 'c'])
})

test('those that are not connected are counted, and shown by a click', async ({ page, serve, url }) => {
  await serve({ name: 'fine' })
  await serve({ name: 'closer', onConnection: (socket) => socket.close(4000, 'no') })
  await page.goto(url)
  await expect(page.getByText('1 connected')).toBeVisible()
  await page.getByRole('button', { name: '1 not', exact: true }).click()
  await expect(page.locator('.card h3 button')).toHaveText(['closer'])
  await page.getByLabel('State').selectOption('any')
  await expect(page.locator('.card h3 button')).toHaveText(['closer', 'fine'])
})

test('a server that goes is shown with why, and then no more', async ({ page, startServer, url }) => {
  const killed = await startServer('--name', 'killed')
  const stopped = await startServer('--name', 'stopped')
  await page.goto(url)
  await expect(page.getByText('2 connected')).toBeVisible()
  await killed.stop('SIGKILL')
  await stopped.stop('SIGTERM')
  await expect(cardOf(page, killed)).toContainText('Its process has ended without a word.')
  await expect(cardOf(page, stopped)).toContainText('It has stopped.')
  await expect(page.getByRole('heading', { name: 'Found 0 servers' })).toBeVisible()
  await expect(cardOf(page, killed)).toHaveCount(0)
  await expect(cardOf(page, stopped)).toHaveCount(0)
})

test('an entry that another program wrote is marked, and never asked how long it takes', async ({
  home,
  page,
  startServer,
  url,
}) => {
  const server = await startServer()
  mkdirSync(home.path, { recursive: true })
  await page.goto(url)
  await expect(cardOf(page, server)).toContainText('Connected')
  writeFileSync(
    home.indexPath,
    JSON.stringify({ servers: [{ id: 'foreign', port: server.port, pid: process.pid }] }),
  )
  const card = cardOf(page, { id: 'foreign' })
  await expect(card.getByText('foreign', { exact: true }).last()).toHaveClass('badge')
  await expect(card).toContainText('not asked')
})

test('title and icon say how many are connected', async ({ page, serve, startServer, url }) => {
  await serve()
  const second = await startServer()
  await page.goto(url)
  await expect(page).toHaveTitle('(2/2) wsyard')
  const icon = page.locator('link[rel=icon]')
  await expect(icon).toHaveAttribute('href', new RegExp(encodeURIComponent('>2</text>')))
  await second.stop('SIGKILL')
  await expect(page).toHaveTitle('(1/1) wsyard')
  await expect(icon).toHaveAttribute('href', new RegExp(encodeURIComponent('>1</text>')))
})
