/** Everything that has a guard, started for real: Vite's two servers, a standalone hub, and a server with a token. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer as createVite, preview } from 'vite'
import { openRegistry } from '../../src/registry/index.js'
import { createServer } from '../../src/server/index.js'
import { wsyard } from '../../src/vite/index.js'
import { createTestHome, projectRoot, startProcess } from './processes.js'

export interface Endpoint {
  readonly path: string
  readonly isUpgrade: boolean
  /** @default 'GET' */
  readonly method?: 'POST'
  /**
   * Whose pages may come: any of this machine's, those that were loaded from there, or anybody's that is itself to be shown: that is
   * asked for by a browser that goes there, without a token.
   */
  readonly pages: 'loopback' | 'own' | 'visitors'
  /** What who is welcome gets: a status, and the code if it is a refusal after all. */
  readonly answer: string
}

export interface GuardedPlace {
  readonly name: string
  readonly port: number
  /** What it asks for, if it does. */
  readonly token: string | undefined
  /** What it gives browsers in the place of that, if it does. */
  readonly session?: string
  /** Whether it was told of the names that it may be asked by. */
  readonly hasOtherHosts: boolean
  readonly endpoints: readonly Endpoint[]
}

export interface GuardedPlaces {
  readonly places: readonly GuardedPlace[]
  close(): Promise<void>
}

export interface PlaceOptions {
  readonly origins: readonly string[]
  readonly hosts: readonly string[]
}

export async function startPlaces({ origins, hosts }: PlaceOptions): Promise<GuardedPlaces> {
  const home = createTestHome()
  const registry = openRegistry({ home: home.path })
  const open = await createServer({ registry, name: 'open-server', auth: 'open', origins })
  const guarded = await createServer({ registry, name: 'token-server', origins })
  const root = join(home.path, '..', 'site')
  mkdirSync(join(root, 'dist'), { recursive: true })
  for (const file of ['index.html', 'dist/index.html'])
    writeFileSync(join(root, file), '<title>a page</title>')
  const site = {
    root,
    configFile: false as const,
    logLevel: 'silent' as const,
    plugins: [wsyard({ registry, origins })],
  }
  const where = { port: 0, host: '127.0.0.1', allowedHosts: [...hosts] }
  const dev = await createVite({ ...site, server: where })
  await dev.listen()
  const built = await preview({ ...site, preview: where })
  const args = ['hub', '--port', '0', '--origins', origins.join(','), '--hosts', hosts.join(',')]
  const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
  const hub = home.own(
    startProcess(process.execPath, [join(projectRoot, 'dist/bin/wsyard.js'), ...args], { env }),
  )
  const [, hubUrl = ''] = await hub.printed(/Open\s+(http:\/\/\S+?\/)__wsyard\/enter#token/)
  home.onCleanUp(async () => {
    await Promise.all([dev.close(), built.close(), open.close(), guarded.close()])
    await registry.close()
  })

  const portOf = (url: string | undefined): number => Number(new URL(url ?? '').port)
  const ofHub: readonly Endpoint[] = [
    { path: '/api/registry', isUpgrade: false, pages: 'loopback', answer: '200' },
    { path: '/api/registry', isUpgrade: true, pages: 'loopback', answer: '101' },
    { path: '/api/registry?probe=token-server', isUpgrade: false, pages: 'own', answer: '200' },
    { path: '/api/registry/token-server', isUpgrade: false, pages: 'own', answer: '426 UPGRADE_NEEDED' },
    { path: '/api/registry/token-server/room?x=1', isUpgrade: true, pages: 'own', answer: '101' },
    { path: '/__wsyard/', isUpgrade: false, pages: 'visitors', answer: '200' },
  ]
  const ofHubAlone: readonly Endpoint[] = [
    ...ofHub,
    { path: '/__wsyard/enter', isUpgrade: false, pages: 'visitors', answer: '200' },
    { path: '/__wsyard/enter', isUpgrade: false, method: 'POST', pages: 'own', answer: '204' },
  ]
  const hubToken = readFileSync(join(home.path, 'hub.token'), 'utf8').trim()
  const entered = await fetch(`${hubUrl}__wsyard/enter`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hubToken}` },
  })
  const session = /^wsyard_\d+=([\w-]{43});/.exec(entered.headers.get('set-cookie') ?? '')?.[1] ?? ''
  return {
    places: [
      {
        name: 'vite dev',
        port: portOf(dev.resolvedUrls?.local[0]),
        token: undefined,
        hasOtherHosts: true,
        endpoints: ofHub,
      },
      {
        name: 'vite preview',
        port: portOf(built.resolvedUrls?.local[0]),
        token: undefined,
        hasOtherHosts: true,
        endpoints: ofHub,
      },
      {
        name: 'wsyard hub',
        port: portOf(hubUrl),
        token: hubToken,
        session,
        hasOtherHosts: true,
        endpoints: ofHubAlone,
      },
      {
        name: 'createServer',
        port: guarded.port,
        token: guarded.registration.entry.token?.reveal(),
        hasOtherHosts: false,
        endpoints: [{ path: '/any', isUpgrade: true, pages: 'loopback', answer: '101' }],
      },
    ],
    close: async () => home[Symbol.asyncDispose](),
  }
}
