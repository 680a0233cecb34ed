/** A page of another web site in a real browser, whose name leads to this machine: what it can reach of a hub and a server. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { browserFlags } from '../support/browser.js'
import { projectRoot, startProcess, type TestHome } from '../support/processes.js'
import { expect, test } from './fixtures.js'

test.use({
  launchOptions: {
    executablePath: process.env.CHROME_PATH ?? '',
    args: [...browserFlags, '--host-resolver-rules=MAP evil.test 127.0.0.1'],
  },
})

async function startStrangeSite(home: TestHome): Promise<string> {
  const site = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<title>a stranger</title>')
  }).listen(0, '127.0.0.1')
  home.onCleanUp(() => site.close())
  await once(site, 'listening')
  return `http://evil.test:${(site.address() as AddressInfo).port}/`
}

async function startOpenHub(home: TestHome): Promise<string> {
  const env = { SHIPYARD_HOME: home.path, FORCE_COLOR: '0' }
  const command = [join(projectRoot, 'dist/bin/wsyard.js'), 'hub', '--port', '0', '--auth', 'origin']
  const hub = home.own(startProcess(process.execPath, command, { env }))
  const [, url = ''] = await hub.printed(/Open\s+(http:\S+)/)
  return url
}

/** What a script of this page gets by each way there is. */
function attempt(page: Page, hub: string, name: string, port: number): Promise<Record<string, string>> {
  return page.evaluate(
    async ([hubUrl, serverName, serverPort]) => {
      const snapshot = `${hubUrl}api/registry`
      const read = async (mode: RequestMode): Promise<string> => {
        try {
          const response = await fetch(snapshot, { mode })
          return response.ok ? await response.text() : `refused ${response.status}`
        } catch {
          return 'refused'
        }
      }
      const connect = (url: string, protocols: string[] = []): Promise<string> =>
        new Promise((resolve) => {
          const socket = new WebSocket(url, protocols)
          socket.onopen = () => resolve('open')
          socket.onclose = () => resolve('refused')
        })
      const script = (): Promise<string> =>
        new Promise((resolve) => {
          const element = document.createElement('script')
          element.src = snapshot
          element.onload = () => resolve('loaded')
          element.onerror = () => resolve('refused')
          document.head.append(element)
        })
      const events = (): Promise<string> =>
        new Promise((resolve) => {
          const source = new EventSource(snapshot)
          source.onmessage = () => resolve('heard')
          source.onerror = () => {
            source.close()
            resolve('refused')
          }
        })
      const sockets = snapshot.replace('http', 'ws')
      return {
        fetch: await read('cors'),
        'fetch without CORS': (await read('no-cors')) || 'refused',
        script: await script(),
        'an event source': await events(),
        push: await connect(sockets, ['wsyard.v1']),
        relay: await connect(`${sockets}/${serverName}`),
        'the server itself': await connect(`ws://127.0.0.1:${serverPort}/`),
      }
    },
    [hub, name, String(port)] as const,
  )
}

/** Where the hub is of a page of its own. */
function rootOf(page: string): string {
  return new URL('/', page).href
}

for (const place of ['vite', 'wsyard hub'] as const) {
  test(`a page of another site reaches nothing at ${place}, and the hub's own page does`, async ({
    home,
    page,
    startServer,
    url,
  }) => {
    const server = await startServer('--name', 'echo')
    const hub = place === 'vite' ? url.replace('localhost', '127.0.0.1') : await startOpenHub(home)
    const own = place === 'vite' ? url : hub
    await page.goto(own)
    await expect(page.getByText('1 connected')).toBeVisible()
    const ownAnswers = await attempt(page, rootOf(own), 'echo', server.port)
    expect(ownAnswers.fetch).toContain(server.id)
    expect(ownAnswers).toMatchObject({ push: 'open', relay: 'open', 'the server itself': 'open' })

    await page.goto(await startStrangeSite(home))
    for (const target of [own, hub.replace('127.0.0.1', 'localhost')]) {
      const answers = await attempt(page, rootOf(target), 'echo', server.port)
      expect(Object.entries(answers).filter(([, answer]) => !answer.startsWith('refused'))).toEqual([])
    }

    // The same name at the hub's own port: the browser takes its answers for the site's own.
    const rebound = new URL(rootOf(own))
    rebound.hostname = 'evil.test'
    const response = await page.goto(rebound.href)
    expect(response?.status()).toBe(403)
    const reboundAnswers = await attempt(page, rebound.href, 'echo', server.port)
    expect(Object.entries(reboundAnswers).filter(([, answer]) => !answer.startsWith('refused'))).toEqual([])
  })
}
