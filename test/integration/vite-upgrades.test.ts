/** WebSockets to a hub in Vite: by which names, below a base, and where Vite is a middleware of another program. */
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer, type InlineConfig, type LogErrorOptions, preview, type ServerOptions } from 'vite'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createMemoryRegistry, type Entry, type Registry } from '../../src/registry/index.js'
import { wsyard } from '../../src/vite/index.js'
import { createTestHome, startEchoServer, type TestHome } from '../support/processes.js'
import { handshakeHeaders, rawRequest } from '../support/raw-request.js'

function site(home: TestHome, config: InlineConfig = {}): InlineConfig {
  const root = join(home.path, '..', 'site')
  mkdirSync(join(root, 'dist'), { recursive: true })
  for (const file of ['index.html', 'dist/index.html'])
    writeFileSync(join(root, file), '<title>a page</title>')
  return { root, configFile: false, logLevel: 'silent', plugins: [wsyard({ home: home.path })], ...config }
}

/** Starts Vite on loopback, unless it is told otherwise, and returns its port. */
async function start(
  home: TestHome,
  command: 'dev' | 'preview',
  options: ServerOptions,
  config?: InlineConfig,
): Promise<number> {
  const at = { port: 0, host: '127.0.0.1', ...options }
  const vite =
    command === 'dev'
      ? await createServer(site(home, { ...config, server: at }))
      : await preview(site(home, { ...config, preview: at }))
  if ('listen' in vite) await vite.listen()
  home.onCleanUp(() => vite.close())
  const address = vite.httpServer?.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

const push = [...handshakeHeaders, ['Sec-WebSocket-Protocol', 'wsyard.v1']] as const
const upgradeAs = (port: number, host: string, path = '/api/registry') =>
  rawRequest({ port, path, headers: [['Host', host], ...push] })

const lan = ['192.168.7.7', '[fe80::7]'] as const
const strange = [
  'evil.test',
  '127.attacker.example',
  'localhost6',
  '192.168.7.7.nip.io',
  '3232237319',
] as const

describe.each(['dev', 'preview'] as const)('in vite %s an upgrade', (command) => {
  it.each<[what: string, options: ServerOptions, welcome: readonly string[], refused: readonly string[]]>([
    ['this machine alone', {}, ['localhost', '127.0.0.1', 'app.localhost'], [...lan, ...strange]],
    [
      'the names in allowedHosts',
      { allowedHosts: ['box.test', '.corp.test'] },
      ['localhost', 'box.test', 'a.corp.test', 'corp.test'],
      ['notbox.test', 'a.box.test', ...lan, ...strange],
    ],
    ['the host that Vite was told to be', { host: 'localhost' }, ['localhost'], [...lan, ...strange]],
    ['every address, where Vite listens on all', { host: true }, ['localhost', ...lan], strange],
    ['every address, with 0.0.0.0', { host: '0.0.0.0' }, ['localhost', ...lan], strange],
    ['all names, where allowedHosts is true', { allowedHosts: true }, ['localhost', ...lan, ...strange], []],
  ])('may ask by %s', async (_what, options, welcome, refused) => {
    await using home = createTestHome()
    const port = await start(home, command, options)
    for (const host of welcome) expect([host, (await upgradeAs(port, host)).status]).toEqual([host, 101])
    for (const host of refused) {
      const { status, code } = await upgradeAs(port, host)
      expect([host, status, code]).toEqual([host, 403, 'HOST_NOT_ALLOWED'])
    }
  })

  it('that is refused is told which option would allow it', async () => {
    await using home = createTestHome()
    const port = await start(home, command, {})
    const options = command === 'dev' ? 'server' : 'preview'
    expect((await upgradeAs(port, 'box.test')).body).toContain(
      `add the name to ${options}.allowedHosts of Vite's config`,
    )
    const headers = [['Host', 'localhost'], ['Origin', 'https://app.test'], ...push] as const
    expect((await rawRequest({ port, path: '/api/registry', headers })).body).toContain(
      'add it to the option origins of wsyard()',
    )
  })

  it('to a server of another machine is told which option names its network', async () => {
    await using home = createTestHome()
    const port = await start(home, command, {}, { plugins: [wsyard({ registry: registryOf(distant) })] })
    const { status, body } = await upgradeAs(port, 'localhost', '/api/registry/distant')
    expect(status).toBe(502)
    expect(body).toContain(
      'Add one to the option networks of wsyard(), or to WSYARD_NETWORKS, as 10.9.0.5/32.',
    )
  })

  it.each([
    ['/api/registry', '101'],
    ['/api/registry?epoch=1', '101'],
    ['/api/registry/', '404 SERVER_NOT_FOUND'],
    ['/api/registry/?x', '404 SERVER_NOT_FOUND'],
    ['/api/registry//', '404 SERVER_NOT_FOUND'],
    ['/api/registry/nobody', '404 SERVER_NOT_FOUND'],
    ['/api/registry/%', '404 SERVER_NOT_FOUND'],
    ['/__wsyard/', '400 BAD_REQUEST'],
    ['/__wsyard/x', '400 BAD_REQUEST'],
  ])('to %s of the hub gets an answer', async (path, expected) => {
    await using home = createTestHome()
    const { status, code } = await upgradeAs(await start(home, command, {}), 'localhost', path)
    expect([status, code].join(' ').trim()).toBe(expected)
  })

  it('has the hub at its own place below any base', async () => {
    await using home = createTestHome()
    const port = await start(home, command, {}, { base: '/some/app/' })
    expect((await upgradeAs(port, 'localhost')).status).toBe(101)
  })
})

/** Of another machine, in a registry that several share. */
const distant: Entry = {
  id: 'distant',
  port: 4000,
  pid: 1,
  host: '10.9.0.5',
  instance: '0'.repeat(32),
  machine: 'away.0',
  state: 'up',
  source: 'etcd://h:2379/wsyard',
}

/** A registry in which this is, and stays. */
function registryOf(entry: Entry): Registry {
  return {
    ...createMemoryRegistry(),
    watch(onEvent) {
      onEvent({ type: 'snapshot', epoch: 'one', revision: 1, entries: [entry] })
      return () => {}
    },
  }
}

/** What the server at the other end of the relay answers. */
async function echo(port: number, name: string): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/registry/${name}`)
  await once(socket, 'open')
  socket.send('hello')
  const [answer] = await once(socket, 'message')
  socket.close()
  return String(answer)
}

describe('in middleware mode', () => {
  it.each(['middlewareMode', 'ws'] as const)(
    'WebSockets come to the hub by the server that Vite was told of (%s)',
    async (option) => {
      await using home = createTestHome()
      home.own(await startEchoServer(home.path, ['--name', 'echo']))
      const server = createHttpServer((request, response) => vite.middlewares(request, response))
      const options: ServerOptions =
        option === 'ws' ? { middlewareMode: true, ws: { server } } : { middlewareMode: { server } }
      const vite = await createServer(site(home, { server: options }))
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      home.onCleanUp(async () => {
        await vite.close()
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      })
      const { port } = server.address() as AddressInfo
      expect(await echo(port, 'echo')).toMatch(/Echo: hello$/)
      expect((await fetch(`http://127.0.0.1:${port}/api/registry`)).status).toBe(200)
      await vite.close()
      expect(server.listenerCount('upgrade')).toBe(0)
    },
  )

  it('a Vite that knows of no server says what that costs', async () => {
    await using home = createTestHome()
    const warnings: string[] = []
    const customLogger = {
      ...silent,
      warn: (message: string) => void warnings.push(message),
    }
    const vite = await createServer(site(home, { customLogger, server: { middlewareMode: true, ws: false } }))
    home.onCleanUp(() => vite.close())
    expect(warnings).toEqual([expect.stringContaining('server.middlewareMode.server')])
  })
})

const silent = {
  hasWarned: false,
  info() {},
  warn() {},
  warnOnce() {},
  error(_message: string, _options?: LogErrorOptions) {},
  clearScreen() {},
  hasErrorLogged: () => false,
}
