/** The page when something is missing: it says what, what still works, and what to do. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { firstServers } from '../../../dashboard/src/states/first-servers.js'
import { projectRoot, startProcess } from '../../support/processes.js'
import { expect, test } from '../fixtures.js'

const shell = (script: string, home: string) =>
  startProcess('sh', ['-c', script], { env: { SHIPYARD_HOME: home, NO_COLOR: '1' }, group: true })

test('the JavaScript that an empty page shows starts a server when it is pasted', async ({
  home,
  page,
  url,
}) => {
  await page.goto(url)
  await expect(page.getByText('No servers are running')).toBeVisible()
  await expect(page.locator('.command code')).toHaveText(firstServers.javascript)
  home.own(shell(`cd '${projectRoot}' && exec ${firstServers.javascript}`, home.path))
  await expect(page.getByText('1 connected')).toBeVisible()
  await page.getByRole('button', { name: 'Send Test Message' }).click()
  await expect(page.getByRole('log')).toContainText('Echo: Hello from browser!')
})

test('so does the Python', async ({ home, page, url }) => {
  const python = ['python3', '/usr/bin/python3'].find(
    (command) => spawnSync(command, ['-c', 'import websockets']).status === 0,
  )
  test.skip(python === undefined, 'needs Python with the package websockets')
  await page.goto(url)
  await page.getByText('Python', { exact: true }).click()
  await expect(page.locator('.command code')).toHaveText(firstServers.python)
  home.own(shell(`exec ${firstServers.python.replace('python3', python ?? '')}`, home.path))
  await expect(page.getByText('1 connected')).toBeVisible()
  await page.getByRole('button', { name: 'Send Test Message' }).click()
  await expect(page.getByRole('log')).toContainText('Echo: Hello from browser!')
})

test('and the shell makes any program known', async ({ home, page, url }) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  home.onCleanUp(() => server.close())
  const { port } = server.address() as AddressInfo
  await page.goto(url)
  await page.getByText('Anything else', { exact: true }).click()
  await expect(page.locator('.command code')).toHaveText(firstServers.shell)
  const script = firstServers.shell.replace('8080', `${port}`).replace('12345', `${process.pid}`)
  const { status, stderr } = spawnSync('sh', ['-c', script], {
    env: { ...process.env, SHIPYARD_HOME: home.path },
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([0, ''])
  await expect(page.locator(`[data-server-id="my-server-${process.pid}"]`)).toContainText(`${port}`)
})

test('a server that takes no WebSocket from this page is said so, with what it answered', async ({
  home,
  page,
  registry,
  url,
}) => {
  const http = createServer((_request, response) => response.writeHead(426).end())
  const picky = new WebSocketServer({ server: http, verifyClient: () => false })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  home.onCleanUp(() => {
    picky.close()
    http.close()
  })
  await registry.register(http, { name: 'picky' })
  await page.goto(url)
  await page.getByRole('button', { name: 'picky', exact: true }).click()
  await expect(page.locator('.panel .reason')).toContainText('answered the handshake with 401')
  await expect(page.locator('.incidents')).toContainText('SERVER_ANSWER')
})

test('a hub that lets no page of this origin in is said so above all, with what to do', async ({
  page,
  serve,
  url,
}) => {
  await serve({ name: 'worker-a' })
  const message = 'Origin "http://localhost" is not the page of this hub: add it to the option origins.'
  const json = { error: { code: 'ORIGIN_NOT_ALLOWED', message } }
  await page.routeWebSocket('**/api/registry', (socket) => socket.close())
  await page.route('**/api/registry', (route) => route.fulfill({ status: 403, json }))
  await page.goto(url)
  await expect(page.getByRole('alert')).toContainText('The hub refuses this page.')
  await expect(page.getByRole('alert')).toContainText('add it to the option origins')
})

test('a browser that keeps the page from servers is said so, and asked by a button', async ({
  page,
  serve,
  url,
}) => {
  const { port } = await serve({ name: 'worker-a' })
  // No permission can be denied here; this is how a browser behaves that blocks a WebSocket until its user was asked.
  await page.addInitScript(() => {
    let isAllowed = false
    const { fetch } = window
    window.fetch = (input, init) => {
      if (String(input).startsWith('http://127.0.0.1:')) isAllowed = true
      return fetch(input, init)
    }
    window.WebSocket = class extends WebSocket {
      constructor(address: string | URL, protocols?: string | string[]) {
        if (!isAllowed && !String(address).endsWith('/api/registry'))
          throw new DOMException('blocked', 'SecurityError')
        super(address, protocols)
      }
    }
  })
  await page.goto(url)
  await expect(page.getByRole('alert')).toContainText(
    'No WebSocket to 1 server. The browser keeps this page from this machine. Allow it local network access.',
  )
  await page.getByRole('button', { name: 'worker-a', exact: true }).click()
  await expect(page.locator('.incidents')).toContainText('click the sign left of the address')
  const asked = page.waitForRequest(`http://127.0.0.1:${port}/`)
  await page.getByRole('button', { name: 'Ask the browser' }).click()
  await asked
  await expect(page.getByText('1 connected')).toBeVisible()
  await expect(page.getByRole('alert')).toHaveCount(0)
})
