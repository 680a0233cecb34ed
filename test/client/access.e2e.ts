/**
 * What browsers forbid: a page that came from elsewhere may not reach this machine unless its user allows it ("local network access"). The
 * browser is told to take the port of the page for a public address.
 */
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type CDPSession, chromium, type Page } from '@playwright/test'
import { getCertificate } from '@vitejs/plugin-basic-ssl'
import sirv from 'sirv'
import { browserFlags } from '../support/browser.js'
import { startHub } from '../support/hub.js'
import { projectRoot, type TestHome } from '../support/processes.js'
import { expect, test } from './fixtures.js'

declare global {
  interface Window {
    afar: ReturnType<typeof window.wsyard.createClient>
  }
}

type Setting = 'granted' | 'denied' | 'prompt'

interface PublicPage {
  readonly page: Page
  /** Does what a user does who answers the browser's question. */
  decide(setting: Setting): Promise<unknown>
}

/** A page at this port, which the browser takes for one of a public address. */
async function openFromAfar(
  home: TestHome,
  url: string,
  setting: Setting,
  isPublic = true,
): Promise<PublicPage> {
  const { port } = new URL(url)
  const browser = await chromium.launch({
    executablePath: process.env.CHROME_PATH ?? '',
    args: [
      ...browserFlags,
      ...(isPublic ? [`--ip-address-space-overrides=127.0.0.1:${port}=public`] : []),
      '--host-resolver-rules=MAP app.example 127.0.0.1',
    ],
  })
  home.onCleanUp(() => browser.close())
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  const decide = await decideBy(await context.newCDPSession(page))
  await decide(setting)
  await page.goto(url)
  await page.waitForFunction(() => 'wsyard' in window)
  return { page, decide }
}

async function decideBy(devtools: CDPSession): Promise<(setting: Setting) => Promise<unknown>> {
  const { targetInfo } = await devtools.send('Target.getTargetInfo')
  const { browserContextId = '' } = targetInfo
  const permission = { name: 'loopback-network' }
  return (setting) => devtools.send('Browser.setPermission', { permission, setting, browserContextId })
}

/** The page of these tests at an address by HTTPS, and a hub on this machine that lets it in. */
async function serveFromAfar(home: TestHome) {
  const pem = await getCertificate(join(home.path, 'certificate'))
  const files = sirv(join(projectRoot, 'test/pages/client/dist'))
  const site = createServer({ key: pem, cert: pem }, files).listen(0, '127.0.0.1')
  await once(site, 'listening')
  home.onCleanUp(() => {
    site.closeAllConnections()
    site.close()
  })
  const origin = `https://app.example:${(site.address() as AddressInfo).port}`
  const hub = await startHub(home, { origins: [origin] })
  return { origin, hub: new URL(hub.url).origin }
}

/** In the page. */
function beginWith(hub: string | undefined) {
  window.afar = window.wsyard.createClient(hub === undefined ? {} : { hub, pollMs: 200 })
  window.afar.connectAll()
}

test('a page from elsewhere is told that it lacks access, asks for it, and is connected once it has it', async ({
  home,
  serve,
}) => {
  const { origin, hub } = await serveFromAfar(home)
  await serve({ name: 'a' })
  const { page, decide } = await openFromAfar(home, origin, 'prompt')
  const requested: string[] = []
  page.on('request', (request) => requested.push(request.url()))
  page.on('websocket', (socket) => requested.push(socket.url()))
  const state = () => page.evaluate(() => [window.afar.status, window.afar.error?.code])
  const ask = () => page.evaluate(() => window.afar.requestAccess())
  await page.evaluate(beginWith, hub)
  await expect.poll(state).toEqual(['lost', 'WSYARD_ERR_BROWSER_BLOCKS'])
  expect(requested).toEqual([]) // so that the user is not asked before a click

  expect(await ask()).toBe('prompt') // nobody answers in a browser that nobody sees
  expect(await state()).toEqual(['lost', 'WSYARD_ERR_BROWSER_BLOCKS'])
  await decide('denied')
  expect(await ask()).toBe('denied')
  expect(await state()).toEqual(['lost', 'WSYARD_ERR_BROWSER_BLOCKS'])

  await decide('granted')
  expect(await ask()).toBe('granted')
  const connections = () => page.evaluate(() => window.afar.servers.map(({ connection }) => connection))
  await expect.poll(connections).toEqual(['connected'])
  await expect.poll(state).toEqual(['live', undefined])
})

test('a page at a name of this machine is connected once it has asked, though the browser sees nothing to allow', async ({
  home,
  serve,
}) => {
  const { origin, hub } = await serveFromAfar(home)
  await serve({ name: 'a' })
  const { page } = await openFromAfar(home, origin, 'prompt', false)
  const state = () => page.evaluate(() => [window.afar.status, window.afar.error?.code])
  await page.evaluate(beginWith, hub)
  await expect.poll(state).toEqual(['lost', 'WSYARD_ERR_BROWSER_BLOCKS'])
  expect(await page.evaluate(() => window.afar.requestAccess())).toBe('granted')
  await expect.poll(state).toEqual(['live', undefined])
  const connections = () => page.evaluate(() => window.afar.servers.map(({ connection }) => connection))
  await expect.poll(connections).toEqual(['connected'])
})

test('a page that is allowed meanwhile finds its hub by itself', async ({ home }) => {
  const { origin, hub } = await serveFromAfar(home)
  const { page, decide } = await openFromAfar(home, origin, 'denied')
  const state = () => page.evaluate(() => [window.afar.status, window.afar.error?.code])
  await page.evaluate(beginWith, hub)
  await expect.poll(state).toEqual(['lost', 'WSYARD_ERR_BROWSER_BLOCKS'])
  await decide('granted')
  await expect.poll(state).toEqual(['live', undefined])
})

test('a page on the origin of its hub needs nobody to ask: where the ports are forbidden, it goes through the hub', async ({
  home,
  serve,
  vite,
}) => {
  await serve({ name: 'open' })
  await serve({ name: 'guarded', auth: 'token' })
  const { page } = await openFromAfar(home, vite.url, 'denied')
  await page.evaluate(beginWith, undefined)
  const ways = () =>
    page.evaluate(() => window.afar.servers.map(({ name, transport }) => `${name} ${transport}`))
  await expect.poll(ways).toEqual(['open relay', 'guarded relay'])
  expect(await page.evaluate(() => window.afar.requestAccess())).toBe('granted')

  await page.evaluate(() => {
    window.afar.close()
    window.afar = window.wsyard.createClient({ transport: 'direct' })
    window.afar.connectAll({ filter: ({ name }) => name === 'open' })
  })
  const reasons = () => page.evaluate(() => window.afar.servers.map(({ reason }) => reason?.code))
  await expect.poll(reasons).toEqual(['BROWSER_BLOCKS', undefined])
})
