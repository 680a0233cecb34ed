/**
 * A hundred thousand hostile requests, upgrades and frames (row 24): whoever gets them is alive, gives documented answers,
 * and holds no more memory than before. Seeded: `HOSTILE_SEED` makes another run. `npm test` makes 4,000 of them,
 * `npm run test:hostile` all.
 */
import { once } from 'node:events'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  handshake,
  hostileFrame,
  hostileRequest,
  hostileUpgrade,
  nonsense,
  pingFrame,
} from '../support/hostile.js'
import { isLong } from '../support/length.js'
import {
  createTestHome,
  echoServer,
  projectRoot,
  type RunningProcess,
  startEchoServer,
  startProcess,
  type TestHome,
} from '../support/processes.js'
import { handshakeHeaders, rawRequest } from '../support/raw-request.js'
import { type SeededRandom, seededRandom } from '../support/seeded-random.js'

const seed = Number(process.env.HOSTILE_SEED ?? 24)

/** Of everything that the hub, Vite and Node's own parser may answer; 200 and 404 are pages beside the hub too. */
const documented = new Set([101, 200, 204, 304, 400, 401, 403, 404, 405, 408, 426, 431, 502, 503, 504])

/** How much a heap may grow over the whole run once it has been warm: what Node and Vite keep of their own is far less. */
const maxGrowthBytes = 16 * 1024 * 1024

const reporter = ['--expose-gc', '--import', join(projectRoot, 'test/support/heap-reporter.js')]

interface Target {
  readonly running: RunningProcess
  readonly port: number
  /** Paths at which a good handshake is answered with 101. */
  readonly sockets: readonly string[]
  /** A request whose answer shows that all is well. */
  isWell(): Promise<boolean>
  /** What goes on beside, once: it is done over and over, and rejects if it does not work. */
  beside?(): Promise<void>
}

const start = (home: TestHome, args: readonly string[]): RunningProcess =>
  home.own(
    startProcess(process.execPath, [...reporter, ...args], {
      env: { SHIPYARD_HOME: home.path, NO_COLOR: '1', FORCE_COLOR: '' },
    }),
  )

const hub = [join(projectRoot, 'dist/bin/wsyard.js'), 'hub', '--port', '0']

const targets: Record<string, (home: TestHome) => Promise<Target>> = {
  async 'wsyard hub'(home) {
    const { id } = home.own(await startEchoServer(home.path, ['--name', 'echo']))
    const running = start(home, [...hub, '--auth', 'origin'])
    const [, port = ''] = await running.printed(/127\.0\.0\.1:(\d+)/)
    return ofHub(running, Number(port), id)
  },
  async 'wsyard hub with its token'(home) {
    const { id } = home.own(await startEchoServer(home.path, ['--name', 'echo']))
    const running = start(home, hub)
    const [, port = '', token = ''] = await running.printed(/127\.0\.0\.1:(\d+)\S+#token=([\w-]{43})/)
    return ofHub(running, Number(port), id, [['Authorization', `Bearer ${token}`]])
  },
  async 'vite dev'(home) {
    const { id } = home.own(await startEchoServer(home.path, ['--name', 'echo']))
    const root = join(home.path, '..', 'site')
    mkdirSync(root)
    writeFileSync(join(root, 'index.html'), '<title>a page</title>')
    writeFileSync(
      join(root, 'vite.config.js'),
      `import { wsyard } from '${join(projectRoot, 'dist/vite/index.js')}'\nexport default { plugins: [wsyard()] }\n`,
    )
    const vite = join(projectRoot, 'node_modules/vite/bin/vite.js')
    const running = start(home, [vite, root, '--port', '0', '--host', '127.0.0.1', '--logLevel', 'info'])
    const [, port = ''] = await running.printed(/127\.0\.0\.1:(\d+)/)
    const beside = await reloading(home, Number(port), join(root, 'index.html'))
    return { ...ofHub(running, Number(port), id), beside }
  },
  async createServer(home) {
    const running = start(home, [echoServer])
    const [, port = ''] = await running.printed(/listening on port (\d+)/)
    return {
      running,
      port: Number(port),
      sockets: ['/'],
      isWell: async () =>
        (
          await rawRequest({
            port: Number(port),
            path: '/',
            headers: [['Host', 'localhost'], ...handshakeHeaders],
          })
        ).status === 101,
    }
  },
}

/** A page's socket for hot updates: changes the page, and hears that it is to be loaded anew. */
async function reloading(home: TestHome, port: number, page: string): Promise<() => Promise<void>> {
  const script = await (await fetch(`http://127.0.0.1:${port}/@vite/client`)).text()
  const [, token = ''] = /wsToken = "([^"]+)"/.exec(script) ?? []
  const socket = new WebSocket(`ws://127.0.0.1:${port}/?token=${token}`, 'vite-hmr', {
    origin: `http://127.0.0.1:${port}`,
  })
  home.onCleanUp(() => socket.terminate())
  await once(socket, 'open')
  let reloads = 0
  socket.on('message', (data) => {
    if (JSON.parse(String(data)).type === 'full-reload') reloads += 1
  })
  return async () => {
    const before = reloads
    // Of two changes within some milliseconds a watcher tells one.
    const isHeard = (): boolean => {
      writeFileSync(`${page}.new`, `<title>${Math.random()}</title>`)
      renameSync(`${page}.new`, page) // Vite may be reading it
      return reloads > before
    }
    await expect.poll(isHeard, { interval: 100, timeout: 20_000 }).toBe(true)
  }
}

function ofHub(
  running: RunningProcess,
  port: number,
  id: string,
  credentials: readonly (readonly [string, string])[] = [],
): Target {
  return {
    running,
    port,
    sockets: ['/api/registry', '/api/registry/echo'],
    async isWell() {
      const headers = [['Host', 'localhost'], ...credentials] as const
      const { status, body } = await rawRequest({ port, path: '/api/registry', headers })
      return status === 200 && body.includes(id)
    },
  }
}

/** What came back on one connection, until the other side ended it or had answered so many times. */
function talk(port: number, bytes: Buffer, answers: number): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const finish = (): void => {
      socket.destroy()
      resolve(text)
    }
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
      if (statusesIn(text).length >= answers) finish()
    })
    socket.on('end', finish)
    socket.on('error', finish)
    // Half a request is answered by nobody, and an upgrade that is nobody's may be left open: hang up.
    socket.setTimeout(200, finish)
  })
}

function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

interface Attack {
  /** How many attempts were looked at: a parser that has had enough closes, and what stands behind counts for nothing. */
  readonly attempts: number
  readonly statuses: readonly number[]
}

/** One connection's worth of hostility. */
async function attack({ port, sockets }: Target, random: SeededRandom): Promise<Attack> {
  const kind = random.below(10)
  if (kind < 6) {
    const requests = Array.from({ length: 60 }, () => hostileRequest(random))
    // The last one closes the connection, so that nobody waits for more.
    const last = 'GET /api/registry HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
    const text = await talk(port, Buffer.from(requests.join('') + last, 'latin1'), Number.POSITIVE_INFINITY)
    const statuses = statusesIn(text)
    return { attempts: statuses.length, statuses }
  }
  if (kind < 9) {
    const text = kind < 8 ? hostileUpgrade(random) : nonsense(random)
    return { attempts: 1, statuses: statusesIn(await talk(port, Buffer.from(text, 'latin1'), 1)) }
  }
  // Good frames first, as the first bad one is the last that is looked at.
  const pings = Array.from({ length: 20 }, () => pingFrame(random))
  const frames = [...pings, ...Array.from({ length: 5 }, () => hostileFrame(random))]
  const bytes = Buffer.concat([Buffer.from(handshake(random.pick(sockets))), ...frames])
  const statuses = statusesIn(await talk(port, bytes, Number.POSITIVE_INFINITY)).slice(0, 1)
  return { attempts: 1 + pings.length + 1, statuses }
}

const width = 12

async function attackUntil(target: Target, random: SeededRandom, attempts: number): Promise<number[]> {
  let made = 0
  const odd: number[] = []
  const worker = async (): Promise<void> => {
    while (made < attempts) {
      const result = await attack(target, random)
      made += result.attempts
      odd.push(...result.statuses.filter((status) => !documented.has(status)))
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return odd
}

/** Bytes, after two collections. */
async function heapOf({ running }: Target): Promise<number> {
  const before = running.output().match(/^heap /gm)?.length ?? 0
  process.kill(running.pid, 'SIGUSR2')
  const [text] = await running.printed(new RegExp(`(?:[^]*?^heap \\d+$){${before + 1}}`, 'm'))
  return Number(/heap (\d+)$/.exec(text)?.[1])
}

const total = isLong ? 100_000 : 4000

describe(`under ${total} hostile requests, upgrades and frames (row 24)`, () => {
  it.each([
    ['wsyard hub', total / 4],
    ['wsyard hub with its token', total / 4],
    ['vite dev', total / 4],
    ['createServer', total / 4],
  ])('%s lives, answers as documented, and forgets them', { timeout: 120_000 }, async (name, attempts) => {
    await using home = createTestHome()
    const target = await targets[name]?.(home)
    if (target === undefined) throw new Error(`no target "${name}"`)
    await expect.poll(target.isWell).toBe(true)
    const random = seededRandom(seed)
    expect(await attackUntil(target, random, attempts / 5)).toEqual([])
    const warm = await heapOf(target)
    let isOver = false
    const goesOn = (async () => {
      let times = 0
      while (target.beside !== undefined && (!isOver || times < 5)) {
        await target.beside()
        times += 1
      }
      return times
    })()
    const odd = await attackUntil(target, random, attempts).finally(() => {
      isOver = true
    })
    expect(odd).toEqual([])
    const times = await goesOn
    expect(times).toBeGreaterThanOrEqual(target.beside === undefined ? 0 : 5)
    expect(await target.isWell()).toBe(true)
    await expect.poll(async () => (await heapOf(target)) - warm).toBeLessThan(maxGrowthBytes)
    expect(target.running.child.exitCode).toBeNull()
    expect(target.running.output()).not.toMatch(/uncaught|unhandled|\n\s+at /i)
  })
})
