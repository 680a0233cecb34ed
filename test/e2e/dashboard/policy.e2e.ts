/** The page under its policy: over HTTPS, below a base, in a frame, and with servers at addresses that no policy can name. */
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import basicSsl from '@vitejs/plugin-basic-ssl'
import { createServer as createVite, type Plugin } from 'vite'
import { wsyard } from '../../../src/vite/index.js'
import type { TestHome } from '../../support/processes.js'
import { cardOf, expect, serveVite, test } from '../fixtures.js'

test.use({ ignoreHTTPSErrors: true })

/** A Vite app below a base, with a hub. */
async function startSite(home: TestHome, html: string, plugins: Plugin[] = []): Promise<string> {
  const root = join(home.path, '..', 'site')
  mkdirSync(root)
  writeFileSync(join(root, 'index.html'), `<title>an app</title>${html}`)
  const vite = await createVite({
    root,
    base: '/some/app/',
    configFile: false,
    logLevel: 'silent',
    cacheDir: join(root, 'cache'),
    plugins: [...plugins, wsyard({ home: home.path })],
    server: { port: 0 },
  })
  await vite.listen()
  home.onCleanUp(() => vite.close())
  return vite.resolvedUrls?.local[0] ?? ''
}

test('over HTTPS and below a base, open servers are talked with straight and others through the hub', async ({
  home,
  page,
  serve,
}) => {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (/security|mixed|blocked/i.test(message.text())) complaints.push(message.text())
  })
  const url = await startSite(home, '', [basicSsl()])
  await serve({ name: 'open' })
  await serve({ name: 'guarded', auth: 'token' })
  expect(url).toMatch(/^https:.*\/some\/app\/$/)
  await page.goto(`${url}__wsyard`)
  await expect(page.getByText('2 connected')).toBeVisible()
  await page.getByRole('textbox', { name: 'Message' }).fill('over TLS')
  await page.getByRole('button', { name: 'Send Test Message' }).click()
  await expect(page.getByRole('log').getByRole('option').filter({ hasText: 'over TLS' })).toHaveCount(4)
  await page.keyboard.press('2')
  for (const [name, way] of Object.entries({ open: 'direct', guarded: 'relay' }))
    await expect(page.getByRole('row').filter({ hasText: name })).toContainText(way)
  expect(complaints).toEqual([])
})

test('a server at an address that the policy has no word for is reached through the hub', async ({
  home,
  page,
  serve,
}) => {
  const url = await serveVite(home, 'preview')
  const six = await serve({ name: 'six', host: '::1' })
  const odd = await serve({ name: 'odd', host: '127.3.2.1' })
  await page.goto(`${url}__wsyard/`)
  await expect(page.getByText('2 connected')).toBeVisible()
  for (const server of [six, odd]) await expect(cardOf(page, server)).toBeVisible()
})

test('a page of its own origin shows it in a frame, as Vite DevTools do, and no other page does', async ({
  home,
  page,
  serve,
}) => {
  await serve({ name: 'worker-a' })
  const url = await startSite(home, '<iframe src="/some/app/__wsyard/"></iframe>')
  const stranger = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(`<iframe src="${url}__wsyard/"></iframe>`)
  }).listen(0, '127.0.0.1')
  home.onCleanUp(() => stranger.close())
  await once(stranger, 'listening')

  await page.goto(url)
  await expect(page.frameLocator('iframe').getByText('1 connected')).toBeVisible()

  const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'))
  await page.goto(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`)
  await refused
  await expect(page.frameLocator('iframe').getByText('1 connected')).toHaveCount(0)
})
