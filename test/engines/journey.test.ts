/** The main journey of a page, in each of the three engines: real servers, real kills, a real Vite. */
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { startVite } from '../e2e/fixtures.js'
import { buildClientPage } from '../support/build-pages.js'
import { engineNames, needEngine, openPage } from '../support/engines.js'
import { isLong } from '../support/length.js'
import { createTestHome, projectRoot, startEchoServer, startProcess } from '../support/processes.js'

type Client = ReturnType<typeof window.wsyard.createClient>

declare global {
  interface Window {
    journey: {
      client: Client
      /** Follows the name `worker`. */
      socket: ReturnType<Client['connect']>
      heard: string[]
      /** The browser's sockets, until they are closed. */
      open: Set<WebSocket>
    }
  }
}

/** In the page. */
function begin(): void {
  const heard: string[] = []
  const open = new Set<WebSocket>()
  window.addEventListener('error', ({ message }) => heard.push(`uncaught: ${message}`))
  window.addEventListener('unhandledrejection', ({ reason }) => heard.push(`uncaught: ${reason}`))
  const Native = WebSocket
  window.WebSocket = class extends Native {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      open.add(this)
      this.addEventListener('close', () => open.delete(this))
    }
  }
  const client = window.wsyard.createClient({ pollMs: 200 })
  client.on('removed', ({ name }) => heard.push(`${name} is gone`))
  client.on('message', ({ name }, data) => heard.push(`${name}: ${data}`))
  client.connectAll()
  const socket = client.connect('worker')
  socket.onmessage = ({ data }) => heard.push(`socket: ${data}`)
  window.journey = { client, socket, heard, open }
}

beforeAll(buildClientPage)

test.for(engineNames)(
  'a page in %s talks with its servers, and follows them and its hub as they die and come back',
  { timeout: 300_000 }, // it may be installed first
  async (engine, context) => {
    needEngine(context, engine)
    await using home = createTestHome()
    const start = async (name: string) => home.own(await startEchoServer(home.path, ['--name', name]))
    const vite = await startVite(home, 'preview', 'test/pages/client')
    const page = await openPage(engine, home, vite.url)
    const heard = () => page.evaluate(() => window.journey.heard)
    const status = () => page.evaluate(() => window.journey.client.status)
    const connected = () =>
      page.evaluate(() =>
        window.journey.client.servers.map(({ name, transport }) => `${name} ${transport}`).sort(),
      )

    // It finds a server and talks with it.
    const first = await start('worker')
    await page.evaluate(begin)
    await expect.poll(connected).toEqual(['worker direct'])
    expect(await page.evaluate(() => window.journey.client.broadcast('hello').length)).toBe(1)
    await expect.poll(heard).toContain(`worker: [${first.id}] Echo: hello`)

    // The server is killed, and restarts at another port.
    await first.stop('SIGKILL')
    await expect.poll(heard).toContain('worker is gone')
    expect(await connected()).toEqual([])
    const second = await start('worker')
    expect(second.port).not.toBe(first.port)
    await expect.poll(() => page.evaluate(() => window.journey.socket.readyState)).toBe(1)
    await page.evaluate(() => window.journey.socket.send('again'))
    await expect.poll(heard).toContain(`socket: [${second.id}] Echo: again`)

    // A server that asks for a token is reached through the hub.
    const guarded = [join(projectRoot, 'test/support/token-server.js')]
    home.own(startProcess(process.execPath, guarded, { env: { SHIPYARD_HOME: home.path } }))
    await expect.poll(heard).toContain('guarded: hello at /')
    expect(await connected()).toEqual(['guarded relay', 'worker direct'])

    // The hub is killed, and is there again with what came meanwhile.
    await vite.stop('SIGKILL')
    await expect.poll(status).toBe('lost')
    await start('meanwhile')
    await startVite(home, 'preview', 'test/pages/client', Number(new URL(vite.url).port))
    await expect.poll(status).toBe('live')
    const all = ['guarded relay', 'meanwhile direct', 'worker direct']
    await expect.poll(connected).toEqual(all)

    // It leaves nothing behind.
    const open = () => page.evaluate(() => window.journey.open.size)
    await expect.poll(open).toBe(5) // one to each, the one that follows a name, and the hub's
    await page.evaluate(() => window.journey.client.close())
    await expect.poll(open).toBe(0)
    expect((await heard()).filter((line) => line.startsWith('uncaught'))).toEqual([])
  },
)

test.runIf(isLong).for(engineNames)(
  'a page in %s is let in by the link of a hub, and reaches servers that ask for a token',
  { timeout: 300_000 },
  async (engine, context) => {
    needEngine(context, engine)
    await using home = createTestHome()
    const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
    const run = (...args: string[]) => home.own(startProcess(process.execPath, args, { env }))
    const page = join(projectRoot, 'test/pages/client/dist')
    await run(join(projectRoot, 'test/support/token-server.js')).printed(/^ready/m)
    const hub = run(join(projectRoot, 'dist/bin/wsyard.js'), 'hub', page, '--port', '0')
    const [, link = ''] = await hub.printed(/Open\s+(http:\S+)/)
    const opened = await openPage(engine, home, link)
    await expect.poll(() => opened.evaluate(() => `${location.pathname}${location.hash}`)).toBe('/')
    await expect.poll(() => opened.evaluate(() => 'wsyard' in window)).toBe(true)
    await opened.evaluate(begin)
    await expect.poll(() => opened.evaluate(() => window.journey.heard)).toContain('guarded: hello at /')
  },
)
