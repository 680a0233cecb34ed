/** What has run in the last minutes. */
import { expect, test } from '../fixtures.js'

test('each name has a lane, with a run for each of its lives, and flapping is said', async ({
  page,
  serve,
  startServer,
  url,
}) => {
  await serve({ name: 'steady', meta: { role: 'keeper' } })
  await page.goto(url)
  await page.keyboard.press('3')
  for (let run = 0; run < 3; run += 1) {
    const server = await startServer('--name', 'flapping')
    await expect(page.getByText(`Found 2 servers`)).toBeVisible()
    await server.stop(run === 0 ? 'SIGTERM' : 'SIGKILL')
    await expect(page.getByText(`Found 1 server`, { exact: true })).toBeVisible()
  }
  const lanes = page.getByRole('list', { name: 'Timeline' }).getByRole('listitem')
  await expect(lanes).toHaveCount(2)
  await expect(lanes.filter({ hasText: 'steady' })).toContainText('running, ended 0 times')
  const flapping = lanes.filter({ hasText: 'flapping' })
  await expect(flapping).toContainText('3× ended')
  await expect(flapping.locator('.run')).toHaveCount(3)
  await expect(flapping.locator('.run-deregistered')).toHaveCount(1)
  await expect(flapping.locator('.run-exited')).toHaveCount(2)
  await page.getByRole('searchbox', { name: 'Filter servers' }).fill('stea')
  await expect(lanes).toHaveCount(1)
  await page.getByRole('searchbox', { name: 'Filter servers' }).fill('role:keeper')
  await expect(lanes).toHaveCount(1)
  await page.getByRole('searchbox', { name: 'Filter servers' }).fill('')
  await page.getByLabel('State').selectOption('connecting')
  await expect(page.getByText('Nothing has run in this time')).toBeVisible()
})

test('replicas that share a name run beside each other on its lane', async ({ page, serve, url }) => {
  await serve({ name: 'replica' })
  await serve({ name: 'replica' })
  await page.goto(url)
  await page.keyboard.press('3')
  await expect(page.locator('.lane')).toHaveCount(1)
  await expect(page.locator('.lane .track')).toHaveCount(2)
  await expect(page.locator('.lane')).toContainText('2 running')
})
