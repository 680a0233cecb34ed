/** What is known of one server, and what can be done with it. */
import type { Page } from '@playwright/test'
import { cardOf, expect, test } from '../fixtures.js'

const panel = (page: Page) => page.locator('.panel')

test('the panel has all that is known, disconnects, and connects again', async ({ page, serve, url }) => {
  const server = await serve({
    name: 'worker-a',
    meta: { role: 'agent', limits: { depth: 3 } },
    auth: 'token',
  })
  await page.goto(url)
  const { id } = server.registration
  await expect(cardOf(page, { id })).toContainText('Connected')
  await page.getByRole('button', { name: 'worker-a', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'worker-a', level: 2 })).toBeFocused()
  for (const text of [
    id,
    `127.0.0.1:${server.port}`,
    'token, which the hub brings',
    'through the hub',
    'role: "agent"',
    'depth: 3',
  ])
    await expect(panel(page)).toContainText(text)
  await panel(page).getByRole('button', { name: 'Disconnect' }).click()
  await expect(cardOf(page, { id })).toContainText('You have disconnected it.')
  await expect.poll(() => server.clients.size).toBe(0)
  await panel(page).getByRole('button', { name: 'Connect', exact: true }).click()
  await expect(cardOf(page, { id })).toContainText('Connected')
  await expect.poll(() => server.clients.size).toBe(1)
})

test('others stay connected while one is disconnected', async ({ page, serve, url }) => {
  const [one, other] = [await serve({ name: 'one' }), await serve({ name: 'other' })]
  await page.goto(url)
  await expect(page.getByText('2 connected')).toBeVisible()
  let closed = 0
  for (const socket of other.clients) socket.once('close', () => (closed += 1))
  await page.getByRole('button', { name: 'one', exact: true }).click()
  await panel(page).getByRole('button', { name: 'Disconnect' }).click()
  await expect.poll(() => one.clients.size).toBe(0)
  await expect(page.getByText('1 connected')).toBeVisible()
  expect(closed).toBe(0)
})

test('its relay URL and the command that speaks with it are copied', async ({
  context,
  page,
  serve,
  url,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await serve({ name: 'worker-a' })
  await page.goto(url)
  await page.getByRole('button', { name: 'worker-a', exact: true }).click()
  const copied = async (name: string) => {
    await panel(page).getByRole('button', { name }).click()
    await expect(panel(page).getByRole('button', { name: 'Copied' })).toBeVisible()
    return page.evaluate(() => navigator.clipboard.readText())
  }
  const { host } = new URL(url)
  expect(await copied('Copy relay URL')).toBe(`ws://${host}/api/registry/worker-a`)
  await panel(page).getByRole('heading', { level: 2 }).click()
  expect(await copied('Copy wsyard connect')).toBe('npx wsyard connect worker-a')
})

test('messages go to the server of the panel alone, if it is said so', async ({ page, serve, url }) => {
  await serve({ name: 'worker-a' })
  await serve({ name: 'worker-b' })
  await page.goto(url)
  await page.getByRole('button', { name: 'worker-b', exact: true }).click()
  await panel(page).getByRole('button', { name: 'Send to it alone' }).click()
  await expect(page.getByText('to worker-b: 1 server')).toBeVisible()
})

test('errors are kept with what to do, over a restart under the same name', async ({
  page,
  startServer,
  url,
}) => {
  const first = await startServer('--name', 'worker-a')
  await page.goto(url)
  await expect(cardOf(page, first)).toContainText('Connected')
  await page.getByRole('button', { name: 'worker-a', exact: true }).click()
  await expect(panel(page)).toContainText('None since this page was opened.')
  first.child.kill('SIGSTOP')
  await expect(panel(page)).toContainText('Its process runs and does not answer.')
  await first.stop('SIGKILL')
  await expect(panel(page)).toContainText('Its process has ended without a word.')
  const second = await startServer('--name', 'worker-a')
  await expect(panel(page)).toContainText(second.id)
  await expect(panel(page)).toContainText('Connected')
})

test('a server that refuses the page says so in the panel, with the next step', async ({
  page,
  serve,
  url,
}) => {
  await serve({
    name: 'closer',
    onConnection: (socket) => socket.close(4003, 'not today'),
  })
  await page.goto(url)
  await page.getByRole('button', { name: 'closer', exact: true }).click()
  const incidents = panel(page).locator('.incidents')
  await expect(incidents).toContainText('CONNECTION_CLOSED')
  await expect(incidents).toContainText('It closed the connection. 4003 not today.')
  await expect(panel(page).getByRole('button', { name: 'Stop trying' })).toBeVisible()
  await expect(incidents).toContainText("Code and reason are the server's own")
})
