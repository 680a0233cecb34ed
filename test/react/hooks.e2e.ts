/** `wsyard/react` in a real page, in StrictMode, with each React that it is for. */
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { Client } from '../../src/client/index.js'
import { test as base, expect } from '../client/fixtures.js'
import { reactPage } from '../support/build-pages.js'
import { projectRoot, startProcess } from '../support/processes.js'

declare global {
  interface Window {
    rendered: Record<string, number>
    /** The client that the provider was given. */
    client: Client
  }
}

const wsyard = join(projectRoot, 'dist/bin/wsyard.js')

const test = base.extend<{ open: (react: string, query?: string) => Promise<Page> }>({
  async open({ home, page }, use) {
    const errors: unknown[] = []
    page.on('pageerror', (error) => errors.push(error))
    page.on('console', (message) => {
      // The browser's own notes of a connection that failed, and of asking the hub why.
      const isOwn = /WebSocket connection/.test(message.text()) || /registry/.test(message.location().url)
      if (message.type() === 'error' && !isOwn) errors.push(message.text())
    })
    await use(async (react, query = '') => {
      const env = { SHIPYARD_HOME: home.path, FORCE_COLOR: '0' }
      const command = [wsyard, 'hub', reactPage(react), '--port', '0', '--auth', 'origin']
      const hub = home.own(startProcess(process.execPath, command, { env }))
      const [, url = ''] = await hub.printed(/Open\s+(http:\S+)/)
      await page.goto(`${new URL(query, url)}`)
      await expect(page.getByRole('heading')).toContainText(`React ${react}.`)
      return page
    })
    expect(errors).toEqual([])
  },
})

const text = (page: Page, id: string) => page.locator(`#${id}`)

for (const react of ['19', '18']) {
  test.describe(`with React ${react}`, () => {
    test('hooks give what there is, and follow it', async ({ open, serve }) => {
      const worker = { name: 'worker-a', meta: { role: 'worker' } }
      const first = await serve(worker)
      const page = await open(react)
      await expect(text(page, 'hub')).toHaveText('live')
      await expect(text(page, 'workers')).toHaveText('worker-a connected')
      await expect(text(page, 'one')).toHaveText('no boss')
      await expect(text(page, 'talk')).toHaveText('connected')

      const boss = await serve({ name: 'boss', meta: { role: 'boss' } })
      await expect(text(page, 'one')).toHaveText(`boss at ${boss.port}`)
      await page.getByText('Say hello').click()
      await expect(text(page, 'heard')).toHaveText('hello 0')
      for (let times = 1; times < 5; times += 1) {
        await page.getByText('Say hello').click()
        await expect(text(page, 'heard')).toContainText(`hello ${Math.min(times, 3)}`)
      }
      await expect(text(page, 'heard')).toHaveText('hello 2, hello 3, hello 3')
      await page.getByText('To all').click()
      await expect(text(page, 'all')).toHaveText('boss: to all, worker-a: to all')

      await first.close()
      await expect(text(page, 'workers')).toHaveText('')
      await expect(text(page, 'talk')).toHaveText('disconnected SERVER_GONE')
      await serve(worker)
      await expect(text(page, 'workers')).toHaveText('worker-a connected')
      await expect(text(page, 'talk')).toHaveText('connected')
    })

    test('what has not changed is not rendered again', async ({ open, serve }) => {
      await serve({ name: 'worker-a', meta: { role: 'worker' } })
      const page = await open(react)
      await expect(text(page, 'workers')).toHaveText('worker-a connected')
      await expect(text(page, 'talk')).toHaveText('connected')
      const before = await page.evaluate(() => ({ ...window.rendered }))
      const boss = await serve({ name: 'boss', meta: { role: 'boss' } })
      await expect(text(page, 'one')).toHaveText(`boss at ${boss.port}`)
      await boss.close()
      await expect(text(page, 'one')).toHaveText('no boss')
      const { workers, talk } = await page.evaluate(() => window.rendered)
      expect({ workers, talk }).toEqual({ workers: before.workers, talk: before.talk })
    })

    test('one connection is made for each socket, and none is left when the provider goes', async ({
      open,
      serve,
    }) => {
      const server = await serve({ name: 'worker-a', meta: { role: 'worker' } })
      const page = await open(react)
      await expect(text(page, 'workers')).toHaveText('worker-a connected')
      await expect(text(page, 'talk')).toHaveText('connected')
      await expect.poll(() => server.clients.size).toBe(2)
      await page.getByText('Toggle').click()
      await expect.poll(() => server.clients.size).toBe(0)
      await page.getByText('Toggle').click()
      await expect(text(page, 'talk')).toHaveText('connected')
      await expect.poll(() => server.clients.size).toBe(2)
    })

    test('a client that the provider was given outlives it', async ({ open, serve }) => {
      const server = await serve({ name: 'worker-a', meta: { role: 'worker' } })
      const page = await open(react, '?given')
      await expect(text(page, 'talk')).toHaveText('connected')
      await expect.poll(() => server.clients.size).toBe(2)
      await page.getByText('Toggle').click()
      await expect.poll(() => server.clients.size).toBe(0)
      await serve({ name: 'boss', meta: { role: 'boss' } })
      await expect.poll(() => page.evaluate(() => window.client.servers.length)).toBe(2)
      await page.getByText('Toggle').click()
      await expect(text(page, 'talk')).toHaveText('connected')
      await expect.poll(() => server.clients.size).toBe(2)
    })

    test('a page that was rendered on a server comes to life without a complaint', async ({
      open,
      serve,
    }) => {
      const server = await serve({ name: 'worker-a', meta: { role: 'worker' } })
      const page = await open(react, '?hydrate')
      await expect(text(page, 'workers')).toHaveText('worker-a connected')
      await expect(text(page, 'talk')).toHaveText('connected')
      await expect.poll(() => server.clients.size).toBe(2)
    })
  })
}
