/**
 * Two hundred servers that come and go at random beside a hub that is started again: in the end the page has exactly those
 * that live. `CHURN_SECONDS` and `CHURN_SEED` choose how long, and which.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { startVite } from '../e2e/fixtures.js'
import { projectRoot, type TestHome } from '../support/processes.js'
import { seededRandom } from '../support/seeded-random.js'
import { clientPage, expect, test, testEndingVite } from './fixtures.js'

const seconds = Number(process.env.CHURN_SECONDS ?? 8)
const seed = Number(process.env.CHURN_SEED ?? Date.now() % 2 ** 32)
const processes = 10
const perProcess = 20

interface Report {
  readonly started?: string
  readonly at?: number
  readonly stopped?: string
  readonly name?: string
}

/** Servers in processes that can be killed, and which of them live. */
function createFleet(home: TestHome) {
  const live = new Map<string, { name: string; child: ChildProcess }>()
  /** When each listened whose name had been there before, by its id. */
  const restarted = new Map<string, number>()
  const names = new Set<string>()
  const children = new Set<ChildProcess>()

  const spawn = (): ChildProcess => {
    const env = { ...process.env, SHIPYARD_HOME: home.path }
    const child = fork(join(projectRoot, 'test/support/many-servers.js'), { env })
    children.add(child)
    return child
  }
  home.onCleanUp(() => {
    for (const child of children) child.kill('SIGKILL')
  })
  /** Sends a command, and resolves when it is done. */
  const tell = async (
    child: ChildProcess,
    command: object,
    isDone: (report: Report) => boolean,
  ): Promise<Report> => {
    const done = new Promise<Report>((resolve) => {
      const hear = (report: Report): void => {
        if (!isDone(report)) return
        child.off('message', hear)
        resolve(report)
      }
      child.on('message', hear)
    })
    child.send(command)
    return done
  }
  const start = async (child: ChildProcess, name: string): Promise<void> => {
    const report = await tell(child, { start: name }, (one) => one.name === name)
    if (report.started === undefined) return
    live.set(report.started, { name, child })
    if (names.has(name)) restarted.set(report.started, report.at ?? 0)
    names.add(name)
  }
  const stop = async (id: string): Promise<void> => {
    const { child } = live.get(id) ?? {}
    live.delete(id)
    if (child) await tell(child, { stop: id }, ({ stopped }) => stopped === id)
  }
  const kill = async (child: ChildProcess): Promise<string[]> => {
    const names: string[] = []
    for (const [id, server] of live) {
      if (server.child !== child) continue
      live.delete(id)
      names.push(server.name)
    }
    children.delete(child)
    child.kill('SIGKILL')
    await once(child, 'exit')
    return names
  }
  return { live, restarted, children, spawn, start, stop, kill }
}

declare global {
  interface Window {
    left: () => { sockets: number; timers: number }
    churned: ReturnType<typeof window.wsyard.createClient>
    /** When each was connected first. */
    connectedAt: Map<string, number>
    talking: ReturnType<ReturnType<typeof window.wsyard.createClient>['connect']>
  }
}

/** In the page, before its own scripts: counts what is open and what is due. */
function countWhatIsLeft() {
  const sockets = new Set<WebSocket>()
  const timers = new Set<unknown>()
  const Native = WebSocket
  window.WebSocket = class extends Native {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      sockets.add(this)
      this.addEventListener('close', () => sockets.delete(this))
    }
  }
  for (const kind of ['Timeout', 'Interval'] as const) {
    const set = window[`set${kind}`] as (...args: unknown[]) => number
    const clear = window[`clear${kind}`] as (timer?: number) => void
    Object.assign(window, {
      [`set${kind}`](callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) {
        const timer = set(() => {
          if (kind === 'Timeout') timers.delete(timer)
          callback(...args)
        }, ms)
        timers.add(timer)
        return timer
      },
      [`clear${kind}`](timer?: number) {
        timers.delete(timer)
        clear(timer)
      },
    })
  }
  window.left = () => ({ sockets: sockets.size, timers: timers.size })
}

testEndingVite(
  'servers that come, go, die and restart at random, beside a hub that restarts, leave the page with those that live',
  async ({ home, page, vite }) => {
    test.setTimeout(180_000 + seconds * 2000)
    const random = seededRandom(seed)
    const fleet = createFleet(home)
    let count = 0
    await page.addInitScript(countWhatIsLeft)
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Performance.enable')
    const usedHeap = async (): Promise<number> => {
      await devtools.send('HeapProfiler.collectGarbage')
      return (await devtools.send('Runtime.getHeapUsage')).usedSize
    }
    const listeners = async (): Promise<number | undefined> => {
      await devtools.send('HeapProfiler.collectGarbage')
      const { metrics } = await devtools.send('Performance.getMetrics')
      return metrics.find(({ name }) => name === 'JSEventListeners')?.value
    }

    const fill = async (child: ChildProcess, names: readonly string[]): Promise<void> => {
      for (const name of names) await fleet.start(child, name)
    }
    const freshNames = (): string[] => Array.from({ length: perProcess }, () => `server-${count++}`)
    await Promise.all(Array.from({ length: processes }, () => fill(fleet.spawn(), freshNames())))

    await page.goto(vite.url)
    await page.waitForFunction(() => 'wsyard' in window)
    const before = {
      left: await page.evaluate(() => window.left()),
      heap: await usedHeap(),
      listeners: await listeners(),
    }
    await page.evaluate(() => {
      window.churned = window.wsyard.createClient({ pollMs: 500 })
      window.connectedAt = new Map()
      window.churned.on('updated', ({ id, connection }) => {
        if (connection === 'connected' && !window.connectedAt.has(id)) window.connectedAt.set(id, Date.now())
      })
      window.churned.connectAll()
      window.talking = window.churned.connect('server-0')
    })

    const deeds: (() => Promise<void>)[] = [
      async () => fleet.start(random.pick([...fleet.children]), `server-${count++}`),
      async () => fleet.stop(random.pick([...fleet.live.keys()])),
      async () => {
        const [id, { name }] = random.pick([...fleet.live])
        await fleet.stop(id)
        await fleet.start(random.pick([...fleet.children]), name)
      },
      async () => {
        const names = await fleet.kill(random.pick([...fleet.children]))
        await fill(fleet.spawn(), names) // all of them restart under their names
      },
    ]
    const end = Date.now() + seconds * 1000
    let isRestarted = false
    for (let deed = 0; Date.now() < end || !isRestarted; deed += 1) {
      await (deed % 25 === 24 ? deeds[3] : random.pick(deeds.slice(0, 3)))?.()
      if (!isRestarted && Date.now() > end - seconds * 500) {
        isRestarted = true
        await vite.stop('SIGKILL')
        await startVite(home, 'preview', clientPage, Number(new URL(vite.url).port))
      }
    }

    const expected = [...fleet.live.keys()].sort().map((id) => `${id} connected`)
    const shown = () =>
      page.evaluate(() => window.churned.servers.map(({ id, connection }) => `${id} ${connection}`).sort())
    await expect.poll(shown, { message: `seed ${seed}`, timeout: 60_000 }).toEqual(expected)
    const isThere = [...fleet.live.values()].some(({ name }) => name === 'server-0')
    const talking = isThere ? 'connected' : 'disconnected'
    await expect.poll(() => page.evaluate(() => window.talking.connection)).toBe(talking)
    const reached = await page.evaluate(() => window.churned.broadcast('x').length)
    expect(reached).toBe(expected.length)

    const connectedAt = new Map(await page.evaluate(() => [...window.connectedAt]))
    const waits = [...fleet.restarted]
      .map(([id, at]) => (connectedAt.get(id) ?? Number.NaN) - at)
      .filter((ms) => !Number.isNaN(ms))
      .sort((a, b) => a - b)
    const share = (part: number) => waits[Math.floor(waits.length * part)]
    console.log(
      `${waits.length} names restarted, connected again after ${share(0.5)} ms (p50), ${share(0.99)} ms (p99); seed ${seed}`,
    )

    await page.evaluate(() => {
      window.churned.close()
      Object.assign(window, { churned: undefined, talking: undefined, connectedAt: undefined })
    })
    await expect.poll(() => page.evaluate(() => window.left())).toEqual(before.left)
    await expect.poll(listeners).toBe(before.listeners)
    // What a page that has done nothing else keeps of it, 200 servers and all their sockets being gone.
    await expect.poll(async () => (await usedHeap()) - before.heap).toBeLessThan(1_500_000)
  },
)
